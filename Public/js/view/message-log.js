import { missing } from '../model/log.js';
import { roomTitle, rowsOf } from '../model/selectors.js';
import { logOf } from '../model/state.js';
import { arrange, byId, h } from './dom.js';
import { icon } from './icons.js';
import { rowView } from './message-row.js';

/** The reader follows the end as long as it is at most that far away. */
const FOLLOW_PX = 48;
/** Older messages are asked for before the top is reached. */
const PREFETCH_PX = 600;

/** The messages of the open room. It owns the scroll position: nothing that arrives moves what is being read. */
export class MessageLog {
    #chat;
    #log = byId('log');
    #toEnd = byId('to-end');
    #views = new Map();
    #room = null;
    #placed = false;
    #skeleton = h('div', { class: 'skeleton', 'aria-hidden': 'true' },
        ['w40', 'w80', 'w60', 'w80', 'w40', 'w60'].map((width) => h('i', { class: `bone ${width}` })));

    /** @param {import('../app/chat.js').Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        this.#log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
        this.#log.addEventListener('keydown', (event) => this.#walk(event));
        this.#toEnd.addEventListener('click', () => this.scrollToEnd());
        // The keyboard of a phone, a longer draft or an opened panel changes the height: stay at the end.
        new ResizeObserver(() => { if (this.#chat.store.state.following) this.#pinToEnd(); }).observe(this.#log);
    }

    /** @param {import('../model/state.js').State} state */
    draw(state) {
        const room = state.rooms[state.active];
        if (this.#room !== state.active) this.#begin(state.active);
        if (!room?.joined) {
            this.#log.replaceChildren();
            this.#toEnd.hidden = true;
            return;
        }
        const log = logOf(state, room.id);
        this.#log.setAttribute('aria-label', `Messages in ${roomTitle(state, room)}`);
        this.#log.setAttribute('aria-busy', String(!log.loaded || log.loadingBefore));

        const rows = rowsOf(state, room.id);
        const anchor = state.following ? null : this.#anchor();
        const elements = rows.map((row) => this.#element(row));
        const keys = new Set(rows.map((row) => row.key));
        for (const key of this.#views.keys()) if (!keys.has(key)) this.#views.delete(key);
        arrange(this.#log, [this.#top(state, room, log, rows), ...elements]);

        if (!this.#placed && log.loaded) this.#place(state);
        else if (anchor) this.#keep(anchor);
        else if (state.following) this.#pinToEnd();
        this.#drawToEnd(state, room);
        if (log.loaded && this.#placed) this.#loadOlderIfNear(log);
    }

    scrollToEnd() {
        this.#pinToEnd();
        this.#chat.store.dispatch({ type: 'reader/moved', following: true });
    }

    focus() {
        this.#log.focus();
    }

    #begin(room) {
        this.#room = room;
        this.#placed = false;
        this.#views.clear();
        this.#topStamp = null;
        this.#log.replaceChildren();
    }

    #element(row) {
        const known = this.#views.get(row.key);
        if (known) {
            if (known.stamp !== row.stamp || known.type !== row.type) {
                known.type = row.type;
                known.update(row);
            }
            return known.element;
        }
        const view = rowView(row, {
            retry: (clientId) => this.#chat.outbox.retry(clientId),
            discard: (clientId) => this.#chat.outbox.discard(clientId),
        });
        view.type = row.type;
        this.#views.set(row.key, view);
        return view.element;
    }

    #topStamp = null;
    #topElement = null;

    /** What stands above the first message: the beginning of the room, or bones while something is on its way. */
    #top(state, room, log, rows) {
        if (!log.loaded || log.hasBefore) return this.#skeleton;
        const title = roomTitle(state, room);
        const empty = !rows.some((row) => row.type === 'message' || row.type === 'pending');
        const stamp = `${title}|${empty}`;
        if (stamp !== this.#topStamp) {
            this.#topStamp = stamp;
            this.#topElement = h('div', { class: 'beginning' },
                h('h2', {}, title),
                h('p', {}, room.kind === 'direct'
                    ? `Only you and ${title} can read this.`
                    : 'This is the very beginning of this room.'),
                empty && h('p', { class: 'invitation' }, 'No messages yet. Say hello.'));
        }
        return this.#topElement;
    }

    /** Where to start in a room: at the first unread message if it is more than a screen away, else at the end. */
    #place(state) {
        this.#placed = true;
        const divider = this.#log.querySelector('.new');
        const distance = divider ? this.#log.scrollHeight - divider.offsetTop : 0;
        if (divider && distance > this.#log.clientHeight) {
            this.#log.scrollTop = divider.offsetTop - 48;
            this.#chat.store.dispatch({ type: 'reader/moved', following: this.#atEnd() });
        } else {
            this.#pinToEnd();
            if (!state.following) this.#chat.store.dispatch({ type: 'reader/moved', following: true });
        }
    }

    #anchor() {
        const top = this.#log.scrollTop;
        // Days, dividers and what stands on top change their place when older messages come in.
        for (const child of this.#log.querySelectorAll('.message, .event')) {
            // Its lower edge is what stays: a message that was the first one loses its author's line above the text
            // when an older one of the same author comes in, and everything below would move up.
            const end = child.offsetTop + child.offsetHeight;
            if (end > top) return { child, offset: end - top };
        }
        return null;
    }

    #keep({ child, offset }) {
        if (child.isConnected) this.#log.scrollTop = child.offsetTop + child.offsetHeight - offset;
    }

    #pinToEnd() {
        this.#log.scrollTop = this.#log.scrollHeight;
    }

    #atEnd() {
        return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight <= FOLLOW_PX;
    }

    #scrolled() {
        if (!this.#placed) return;
        const following = this.#atEnd();
        this.#chat.store.dispatch({ type: 'reader/moved', following });
        const { active } = this.#chat.store.state;
        if (active) this.#loadOlderIfNear(logOf(this.#chat.store.state, active));
    }

    #loadOlderIfNear(log) {
        if (log.hasBefore && !log.loadingBefore && this.#log.scrollTop < PREFETCH_PX) {
            this.#chat.history.loadOlder(this.#room);
        }
    }

    #drawToEnd(state, room) {
        const gap = missing(logOf(state, room.id));
        this.#toEnd.hidden = state.following;
        const fresh = room.unread + gap;
        const label = fresh > 0 ? `${fresh} new` : 'Newest';
        if (this.#toEnd.textContent !== label) this.#toEnd.replaceChildren(icon('down'), label);
    }

    /** Arrow keys go from message to message, Escape goes back to writing. */
    #walk(event) {
        if (event.key === 'Escape') {
            byId('composer-text').focus();
            this.#chat.store.dispatch({ type: 'divider/cleared' });
            return;
        }
        if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
        const messages = [...this.#log.querySelectorAll('.message')];
        const at = messages.indexOf(document.activeElement?.closest('.message'));
        const next = event.key === 'ArrowUp' ? (at < 0 ? messages.length : at) - 1 : at + 1;
        if (at < 0 && event.key === 'ArrowDown') return;
        event.preventDefault();
        messages[Math.max(0, Math.min(next, messages.length - 1))]?.focus();
    }
}
