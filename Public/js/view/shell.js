import { avatar } from './avatar.js';
import { Composer } from './composer.js';
import { ConnectionView } from './connection.js';
import { dialogsOf } from './dialogs.js';
import { byId, h, whenChanged } from './dom.js';
import { Elsewhere } from './elsewhere.js';
import { Doors } from './forms.js';
import { icon } from './icons.js';
import { MembersPanel } from './members-panel.js';
import { MessageLog } from './message-log.js';
import { RoomHeader } from './room-header.js';
import { SideList } from './side-list.js';
import { drawTitle } from './title.js';

const TOAST_MS = 6_000;
/** Wide enough for the members beside the messages. */
const WIDE = matchMedia('(width >= 1100px)');

/** Puts the views together and gives each the part of the state it shows. */
export class Shell {
    #chat;
    #membersOpen = WIDE.matches;
    #draws;
    #composer;
    #toastTimer = null;

    /** @param {import('../app/chat.js').Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        const fail = (error) => chat.store.dispatch({ type: 'failure/shown', message: error.message });
        const dialogs = dialogsOf(chat, fail);
        const doors = new Doors(chat);
        const sideList = new SideList(chat, dialogs);
        const header = new RoomHeader({ toggleMembers: () => this.#showMembers(!this.#membersOpen) });
        const members = new MembersPanel(chat, { close: () => this.#showMembers(false), fail });
        const log = new MessageLog(chat);
        const elsewhere = new Elsewhere(chat, fail);
        const connection = new ConnectionView(chat);
        this.#composer = new Composer(chat, log);

        this.#draws = [
            whenChanged((s) => [s.screen, s.notice], (s) => doors.draw(s)),
            whenChanged((s) => [s.active], (s) => this.#choosePane(s)),
            whenChanged((s) => [s.me], (s) => this.#drawMe(s)),
            whenChanged((s) => [s.rooms, s.people, s.active, s.activity], (s) => sideList.draw(s)),
            whenChanged((s) => [s.rooms[s.active], s.members[s.active], s.people, s.active, this.#membersOpen],
                (s) => header.draw(s, this.#membersOpen)),
            whenChanged((s) => [s.rooms[s.active]?.joined, s.members[s.active], s.people, s.active, this.#membersOpen],
                (s) => members.draw(s, this.#membersOpen)),
            whenChanged((s) => [s.rooms[s.active], s.active, s.synced], (s) => elsewhere.draw(s)),
            whenChanged((s) => [s.active, s.rooms[s.active]?.joined, s.rooms[s.active]?.archived_at, s.people],
                (s) => this.#composer.draw(s)),
            whenChanged((s) => [s.logs[s.active], s.outbox, s.people, s.active, s.rooms[s.active], s.divider, s.following],
                (s) => log.draw(s)),
            whenChanged((s) => [s.connection, s.instance, s.outbox, s.synced, s.logs[s.active]], (s) => connection.draw(s)),
            whenChanged((s) => [s.rooms, s.active, s.people], drawTitle),
            whenChanged((s) => [s.failure], (s) => this.#drawFailure(s)),
        ];
        chat.store.subscribe((state) => this.#draw(state));

        WIDE.addEventListener('change', () => {
            // What stood beside the messages would now cover them.
            if (!WIDE.matches) this.#membersOpen = false;
            this.#draw(chat.store.state);
        });
        byId('open-switcher').addEventListener('click', dialogs.switcher);
        const apple = /Mac|iPhone|iPad/.test(navigator.platform);
        byId('switcher-keys').textContent = apple ? '⌘K' : 'Ctrl K';
        addEventListener('keydown', (event) => this.#key(event, dialogs));
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

    #showMembers(open) {
        this.#membersOpen = open;
        this.#draw(this.#chat.store.state);
        if (open) byId('members').focus();
        else document.querySelector('.members-toggle')?.focus();
    }

    #choosePane(state) {
        document.querySelector('.chat').dataset.pane = state.active ? 'room' : 'list';
        if (!WIDE.matches) this.#membersOpen = false;
    }

    #drawMe({ me }) {
        if (!me) return;
        byId('me').replaceChildren(avatar(me),
            h('span', { class: 'who' }, h('strong', {}, me.display_name), h('span', { class: 'handle' }, `@${me.name}`)),
            h('button', {
                class: 'quiet', type: 'button', 'aria-label': 'Log out', title: 'Log out', 'data-testid': 'log-out',
                on: { click: () => this.#chat.session.logOut() },
            }, icon('leave')));
    }

    #drawFailure({ failure }) {
        clearTimeout(this.#toastTimer);
        byId('toasts').replaceChildren(...(failure ? [h('p', { class: 'toast', 'data-testid': 'toast' }, failure)] : []));
        if (!failure) return;
        this.#toastTimer = setTimeout(() => this.#chat.store.dispatch({ type: 'failure/shown', message: null }), TOAST_MS);
    }

    #key(event, dialogs) {
        if (this.#chat.store.state.screen !== 'chat') return;
        const dialogOpen = document.querySelector('dialog[open]') !== null;
        if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
            event.preventDefault();
            if (!dialogOpen) dialogs.switcher();
        } else if (event.key === 'F6' && !dialogOpen) {
            event.preventDefault();
            this.#walkLandmarks(event.shiftKey ? -1 : 1);
        }
    }

    #walkLandmarks(step) {
        const landmarks = [byId('side'), byId('log'), byId('composer-text'), byId('members')]
            .filter((element) => element.offsetParent !== null);
        const at = landmarks.findIndex((element) => element.contains(document.activeElement));
        landmarks[(at + step + landmarks.length) % landmarks.length]?.focus();
    }
}
