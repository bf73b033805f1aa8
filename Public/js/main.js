import { Chat } from './app/chat.js';
import { applyTheme, toggleTheme } from './app/device.js';
import { calls, roomList, roomTitle, typingLine, unreadTotal } from './model/selectors.js';
import { Part, Store } from './model/state.js';
import { Composer } from './view/composer.js';
import { AccountDialog, dialogsOf } from './view/dialogs.js';
import { avatar, button, byId, fill, h, iconButton, isApple, whenChanged } from './view/dom.js';
import { MessageLog } from './view/log.js';
import { Elsewhere, RoomHeader, RoomPanel, SearchPanel } from './view/panels.js';
import { ConnectionView, SideList } from './view/side.js';

const TOAST_MS = 6_000;
/** Wide enough for the members beside the messages. */
const WIDE = matchMedia('(width >= 1100px)');
/** What of a room stands around its messages. */
const ABOUT = ['id', 'name', 'topic', 'joined', 'role', 'archived_at', 'notify_level'];

/** Puts the views together and gives each the part of the state it shows. */
class Shell extends Part {
    #dialogs;
    /** @type {'room' | 'search' | null} */
    #panel = WIDE.matches ? 'room' : null;
    #panels;
    #draws;
    #toastTimer = null;

    constructor(chat) {
        super(chat);
        applyTheme();
        const dialogs = dialogsOf(chat);
        const account = new AccountDialog(chat);
        const close = () => this.#show(null);
        this.#dialogs = dialogs;
        this.#panels = { room: new RoomPanel(chat, { close, dialogs }), search: new SearchPanel(chat, { close }) };
        const sideList = new SideList(chat, dialogs);
        const header = new RoomHeader(chat, { toggle: (panel) => this.#show(this.#panel === panel ? null : panel) });
        const log = new MessageLog(chat, { showPerson: (user) => dialogs.person(user, this.state.active) });
        const elsewhere = new Elsewhere(chat);
        const connection = new ConnectionView(chat);
        const composer = new Composer(chat, log);

        // Counting what is unread is no reason to draw again what stands around the messages.
        const about = (s) => [
            s.active, ...ABOUT.map((name) => s.rooms[s.active]?.[name]), s.members[s.active], s.people, this.#panel,
        ];
        this.#draws = [
            whenChanged((s) => [s.screen, s.notice], drawScreen),
            whenChanged((s) => [s.active], (s) => this.#choosePane(s)),
            whenChanged((s) => [s.me], (s) => this.#drawMe(s, account)),
            whenChanged((s) => [s.rooms, s.people, s.active, s.activity, s.presence, s.favourites], (s) => sideList.draw(s)),
            whenChanged((s) => [...about(s), s.favourites, s.synced], (s) => header.draw(s, this.#panel)),
            whenChanged((s) => [...about(s), s.presence], (s) => this.#drawPanel(s)),
            whenChanged((s) => [...about(s), s.synced], (s) => elsewhere.draw(s)),
            whenChanged((s) => [s.active, s.rooms[s.active]?.joined, s.rooms[s.active]?.archived_at, s.people, s.draft,
                s.images, s.imageBytesMax],
                (s) => composer.draw(s)),
            whenChanged((s) => [
                s.logs[s.active], s.outbox, s.people, s.active, s.rooms[s.active], s.divider, s.following, s.target,
            ], (s) => log.draw(s)),
            whenChanged((s) => [s.connection, s.instance, s.outbox, s.synced, s.logs[s.active]], (s) => connection.draw(s)),
            whenChanged((s) => [s.typing, s.active, s.people], (s) => { byId('typing').textContent = typingLine(s, Date.now()); }),
            whenChanged((s) => [s.rooms, s.active, s.people], drawTitle),
            whenChanged((s) => [s.toast], (s) => this.#drawToast(s)),
        ];
        chat.store.subscribe((state) => this.#draw(state));

        WIDE.addEventListener('change', () => {
            // What stood beside the messages would now cover them.
            if (!WIDE.matches) this.#panel = null;
            this.#draw(this.state);
        });
        const clicks = {
            'open-switcher': dialogs.switcher, 'open-keys': dialogs.keys, 'toggle-theme': toggleTheme,
            'try-again': () => chat.session.start(),
        };
        for (const [id, click] of Object.entries(clicks)) byId(id).addEventListener('click', click);
        if (isApple) byId('switcher-keys').textContent = '⌘K';
        addEventListener('keydown', (event) => this.#key(event));
        byId('panel').addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
        for (const link of document.querySelectorAll('[data-skip]')) {
            // The fragment belongs to the rooms, so the links move the focus themselves.
            link.addEventListener('click', (event) => {
                event.preventDefault();
                byId(link.dataset.skip).focus();
            });
        }
    }

    #draw(state) {
        for (const draw of this.#draws) draw(state);
    }

    #show(panel) {
        const before = this.#panel;
        this.#panel = panel;
        this.#draw(this.state);
        if (panel === 'room') byId('panel').focus();
        else if (!panel) byId('room-head').querySelector(`[data-key="${before}"]`)?.focus();
    }

    #drawPanel(state) {
        const panel = byId('panel');
        const room = state.rooms[state.active];
        const shown = this.#panel === 'search' || room?.joined ? this.#panel : null;
        panel.hidden = !shown;
        if (!shown) return;
        panel.dataset.shows = shown;
        panel.setAttribute('aria-label', shown === 'search' ? 'Search' : 'About this room');
        this.#panels[shown].draw(state);
    }

    #choosePane(state) {
        document.querySelector('.chat').dataset.pane = state.active ? 'room' : 'list';
        if (!WIDE.matches && this.#panel === 'room') this.#panel = null;
    }

    #drawMe({ me }, account) {
        const open = () => account.open();
        fill(byId('me'), me && [button([avatar(me), h('span', { class: 'who' }, h('strong', {}, me.display_name),
            h('span', { class: 'handle' }, `@${me.name}`))], open, {
            class: 'account-open', 'aria-haspopup': 'dialog', 'data-testid': 'open-account', title: 'Your account',
        }), iconButton('gear', 'Your account', open)]);
    }

    /** An announcement stays until it is closed, everything else goes by itself. */
    #drawToast({ toast }) {
        clearTimeout(this.#toastTimer);
        const place = byId('toasts');
        const end = () => this.dispatch('toast/shown', { toast: null });
        fill(place, toast && h('div', { class: 'toast', 'data-tone': toast.tone, 'data-testid': 'toast' }, h('p', {}, toast.text),
            toast.lasting && iconButton('close', 'Close', end)));
        // The top layer, so that it is seen above a dialog.
        if (!toast) return place.hidePopover();
        place.showPopover();
        if (!toast.lasting) this.#toastTimer = setTimeout(end, TOAST_MS);
        return undefined;
    }

    #key(event) {
        if (this.state.screen !== 'chat' || document.querySelector('dialog[open]')) return;
        const key = event.key.toLowerCase();
        const command = (event.ctrlKey || event.metaKey) && !event.altKey;
        const actions = [
            [command && !event.shiftKey && key === 'k', () => this.#dialogs.switcher()],
            [command && event.shiftKey && key === 'f', () => this.#show('search')],
            [event.key === 'F6', () => this.#walkLandmarks(event.shiftKey ? -1 : 1)],
            [event.altKey && event.shiftKey && key === 'arrowdown', () => this.#nextUnread(1)],
            [event.altKey && event.shiftKey && key === 'arrowup', () => this.#nextUnread(-1)],
            [key === '?' && !command && !event.target.matches('input, textarea, select'), () => this.#dialogs.keys()],
        ];
        const [, act] = actions.find(([pressed]) => pressed) ?? [];
        if (!act) return;
        event.preventDefault();
        act();
    }

    #nextUnread(step) {
        const { state } = this;
        const rooms = Object.values(roomList(state)).flat();
        const at = rooms.findIndex((room) => room.id === state.active);
        for (let moved = 1; moved <= rooms.length; moved += 1) {
            const room = rooms[(at + step * moved + rooms.length * 2) % rooms.length];
            if (room.unread > 0 && room.id !== state.active) return this.chat.rooms.open(room.id);
        }
        return undefined;
    }

    #walkLandmarks(step) {
        const landmarks = [byId('side'), byId('log'), byId('composer-text'), byId('panel')]
            .filter((element) => element.offsetParent !== null);
        const at = landmarks.findIndex((element) => element.contains(document.activeElement));
        landmarks[(at + step + landmarks.length) % landmarks.length]?.focus();
    }
}

/** @param {State} state */
function drawScreen({ screen, notice }) {
    for (const element of document.querySelectorAll('.screen')) element.hidden = element.dataset.for !== screen;
    byId('notice').textContent = notice;
    document.body.dataset.screen = screen;
}

/** The window's title and icon say how much is unread. @param {State} state */
function drawTitle(state) {
    const room = state.rooms[state.active];
    const unread = unreadTotal(state);
    const name = room ? `${roomTitle(state, room)} – Chat` : 'Chat';
    const title = unread > 0 ? `(${unread}) ${name}` : name;
    if (document.title !== title) document.title = title;
    const icon = document.querySelector('link[rel="icon"]');
    const called = Object.values(state.rooms).some((one) => calls(one) > 0);
    const address = called ? '/favicon-called.svg' : unread > 0 ? '/favicon-unread.svg' : '/favicon.svg';
    if (icon.getAttribute('href') !== address) icon.setAttribute('href', address);
}

/** With the next frame after `waitMs`; in the background, where there are no frames, the title must still count. */
function schedule(run, waitMs) {
    let frame = 0;
    const cancel = () => {
        clearTimeout(timer);
        cancelAnimationFrame(frame);
    };
    const once = () => {
        cancel();
        run();
    };
    let timer = setTimeout(() => {
        timer = setTimeout(once, 200);
        frame = requestAnimationFrame(once);
    }, waitMs);
    return cancel;
}

/** `?transport=polling` or `?transport=upgrade` shows that the chat works without or before WebSocket. */
const wanted = new URLSearchParams(location.search).get('transport');
const transport = wanted === 'polling' || wanted === 'upgrade' ? wanted : 'auto';

const store = new Store({ schedule });
const chat = new Chat({ store, url: `${location.origin}/socket.io/`, transport });
new Shell(chat);

addEventListener('hashchange', () => chat.rooms.followAddress());
chat.session.watchPage();
chat.session.start();
