import { directRooms, joinedRooms, typingLine } from '../model/selectors.js';
import { AccountDialog, applyTheme } from './account-dialog.js';
import { avatar } from './avatar.js';
import { Composer } from './composer.js';
import { ConnectionView } from './connection.js';
import { dialogsOf } from './dialogs.js';
import { byId, h, iconButton, whenChanged } from './dom.js';
import { Elsewhere } from './elsewhere.js';
import { Doors } from './forms.js';
import { MessageLog } from './message-log.js';
import { RoomHeader } from './room-header.js';
import { RoomPanel } from './room-panel.js';
import { SearchPanel } from './search-panel.js';
import { SideList } from './side-list.js';
import { drawTitle } from './title.js';

const TOAST_MS = 6_000;
/** Wide enough for the members beside the messages. */
const WIDE = matchMedia('(width >= 1100px)');

/** Puts the views together and gives each the part of the state it shows. */
export class Shell {
    #chat;
    #dialogs;
    /** @type {'room' | 'search' | null} */
    #panel = WIDE.matches ? 'room' : null;
    #panels;
    #draws;
    #composer;
    #toastTimer = null;

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        applyTheme();
        const dialogs = dialogsOf(chat);
        const account = new AccountDialog(chat);
        const close = () => this.#show(null);
        this.#dialogs = dialogs;
        this.#panels = { room: new RoomPanel(chat, { close, dialogs }), search: new SearchPanel(chat, { close }) };
        const doors = new Doors(chat);
        const sideList = new SideList(chat, dialogs);
        const header = new RoomHeader({ toggle: (panel) => this.#show(this.#panel === panel ? null : panel) });
        const log = new MessageLog(chat, { showPerson: (user) => dialogs.person(user, chat.store.state.active) });
        const elsewhere = new Elsewhere(chat);
        const connection = new ConnectionView(chat);
        this.#composer = new Composer(chat, log);

        // Counting what is unread is no reason to draw again what stands around the messages.
        const about = (s) => ABOUT.map((name) => s.rooms[s.active]?.[name]);
        this.#draws = [
            whenChanged((s) => [s.screen, s.notice], (s) => doors.draw(s)),
            whenChanged((s) => [s.active], (s) => this.#choosePane(s)),
            whenChanged((s) => [s.me], (s) => this.#drawMe(s, account)),
            whenChanged((s) => [s.rooms, s.people, s.active, s.activity, s.presence], (s) => sideList.draw(s)),
            whenChanged((s) => [s.active, ...about(s), s.members[s.active], s.people, this.#panel],
                (s) => header.draw(s, this.#panel)),
            whenChanged((s) => [s.active, ...about(s), s.members[s.active], s.people, s.presence, this.#panel],
                (s) => this.#drawPanel(s)),
            whenChanged((s) => [s.active, ...about(s), s.synced], (s) => elsewhere.draw(s)),
            whenChanged((s) => [s.active, s.rooms[s.active]?.joined, s.rooms[s.active]?.archived_at, s.people, s.draft],
                (s) => this.#composer.draw(s)),
            whenChanged((s) => [s.logs[s.active], s.outbox, s.people, s.active, s.rooms[s.active], s.divider, s.following, s.target],
                (s) => log.draw(s)),
            whenChanged((s) => [s.connection, s.instance, s.outbox, s.synced, s.logs[s.active]], (s) => connection.draw(s)),
            whenChanged((s) => [s.typing, s.active, s.people], (s) => { byId('typing').textContent = typingLine(s, Date.now()); }),
            whenChanged((s) => [s.rooms, s.active, s.people], drawTitle),
            whenChanged((s) => [s.toast], (s) => this.#drawToast(s)),
        ];
        chat.store.subscribe((state) => this.#draw(state));

        WIDE.addEventListener('change', () => {
            // What stood beside the messages would now cover them.
            if (!WIDE.matches) this.#panel = null;
            this.#draw(chat.store.state);
        });
        byId('open-switcher').addEventListener('click', dialogs.switcher);
        byId('switcher-keys').textContent = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘K' : 'Ctrl K';
        byId('open-keys').addEventListener('click', dialogs.keys);
        addEventListener('keydown', (event) => this.#key(event));
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
        this.#draw(this.#chat.store.state);
        if (panel === 'room') byId('panel').focus();
        else if (!panel) document.querySelector(`[data-panel="${before}"]`)?.focus();
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
        if (!me) return;
        byId('me').replaceChildren(h('button', {
            class: 'account-open', type: 'button', 'aria-haspopup': 'dialog', 'data-testid': 'open-account', title: 'Your account',
            on: { click: () => account.open() },
        }, avatar(me), h('span', { class: 'who' }, h('strong', {}, me.display_name), h('span', { class: 'handle' }, `@${me.name}`))),
        iconButton('gear', 'Your account', () => account.open()));
    }

    #drawToast({ toast }) {
        clearTimeout(this.#toastTimer);
        byId('toasts').replaceChildren(...(toast
            ? [h('p', { class: 'toast', 'data-tone': toast.tone, 'data-testid': 'toast' }, toast.text)] : []));
        // The top layer, so that it is seen above a dialog.
        if (toast) byId('toasts').showPopover?.();
        else byId('toasts').hidePopover?.();
        if (!toast) return;
        this.#toastTimer = setTimeout(() => this.#chat.store.dispatch({ type: 'toast/shown', toast: null }), TOAST_MS);
    }

    #key(event) {
        if (this.#chat.store.state.screen !== 'chat' || document.querySelector('dialog[open]')) return;
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
        const { state } = this.#chat.store;
        const rooms = [...joinedRooms(state), ...directRooms(state)];
        const at = rooms.findIndex((room) => room.id === state.active);
        for (let moved = 1; moved <= rooms.length; moved += 1) {
            const room = rooms[(at + step * moved + rooms.length * 2) % rooms.length];
            if (room.unread > 0 && room.id !== state.active) return this.#chat.rooms.open(room.id);
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

/** What of a room stands around its messages. */
const ABOUT = ['id', 'name', 'topic', 'joined', 'role', 'archived_at', 'notify_level'];
