import { missing } from '../model/log.js';
import { roomTitle, rowsOf } from '../model/selectors.js';
import { logOf } from '../model/state.js';
import { addressOf, replaceAddress } from '../app/route.js';
import { arrange, byId, h } from './dom.js';
import { icon } from './icons.js';
import { rowView } from './message-row.js';
import { MessageTools } from './message-tools.js';

/** The reader follows the end as long as it is at most that far away. */
const FOLLOW_PX = 48;
/** More messages are asked for before the edge is reached. */
const PREFETCH_PX = 600;

/** The messages of the open room. It owns the scroll position: nothing that arrives moves what is being read. */
export class MessageLog {
    #chat;
    #log = byId('log');
    #toEnd = byId('to-end');
    #toUnread = byId('to-unread');
    #tools;
    #actions;
    #views = new Map();
    #messages = new WeakMap();
    #room = null;
    #placed = false;
    #soughtSeq = null;
    #skeleton = h('div', { class: 'skeleton', 'aria-hidden': 'true' },
        ['w40', 'w80', 'w60', 'w80', 'w40', 'w60'].map((width) => h('i', { class: `bone ${width}` })));

    /** @param {Chat} chat @param {{showPerson: (user: string) => void}} actions */
    constructor(chat, { showPerson }) {
        this.#chat = chat;
        this.#tools = new MessageTools(chat, this.#log);
        this.#actions = {
            state: () => chat.store.state,
            retry: (clientId) => chat.outbox.retry(clientId),
            discard: (clientId) => chat.outbox.discard(clientId),
            react: (message, emoji) => chat.messages.react(message, emoji).catch(chat.fail),
            pickReaction: (message, anchor) => this.#tools.pickReaction(message, anchor),
            showPerson,
        };
        this.#log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
        this.#log.addEventListener('keydown', (event) => this.#key(event));
        this.#log.addEventListener('pointerover', (event) => {
            if (event.pointerType === 'mouse') this.#showTools(event.target);
        });
        this.#log.addEventListener('click', (event) => {
            if (!event.target.closest('a, button')) this.#showTools(event.target);
        });
        this.#log.addEventListener('focusin', ({ target }) => {
            // Whoever walks the messages is not interrupted by new ones; the button below counts them.
            this.#log.setAttribute('aria-live', 'off');
            if (!target.matches('.message')) return;
            this.#log.querySelector('.message[tabindex="0"]')?.setAttribute('tabindex', '-1');
            target.tabIndex = 0;
            this.#showTools(target);
        });
        this.#log.addEventListener('focusout', () => this.#log.removeAttribute('aria-live'));
        this.#toEnd.addEventListener('click', () => {
            this.scrollToEnd();
            byId('composer-text').focus();
        });
        this.#toUnread.addEventListener('click', () => {
            const { divider } = chat.store.state;
            if (divider) chat.rooms.open(divider.room, divider.seq + 1);
        });
        // The keyboard of a phone, a longer draft or an opened panel changes the height: stay at the end.
        new ResizeObserver(() => { if (this.#chat.store.state.following) this.#pinToEnd(); }).observe(this.#log);
    }

    /** @param {State} state */
    draw(state) {
        const room = state.rooms[state.active];
        if (this.#room !== state.active) this.#begin(state.active);
        if (!room?.joined) {
            this.#log.replaceChildren();
            this.#toEnd.hidden = true;
            this.#toUnread.hidden = true;
            return;
        }
        const log = logOf(state, room.id);
        this.#log.setAttribute('aria-label', `Messages in ${roomTitle(state, room)}`);
        this.#log.setAttribute('aria-busy', String(!log.loaded || log.loading !== null));

        const rows = rowsOf(state, room.id);
        const anchor = state.following ? null : this.#anchor();
        const elements = rows.map((row) => this.#element(row));
        const keys = new Set(rows.map((row) => row.key));
        for (const key of this.#views.keys()) if (!keys.has(key)) this.#views.delete(key);
        arrange(this.#log, [this.#top(state, room, log, rows), ...elements]);

        const seeking = state.target?.room === room.id;
        if (seeking && log.loaded) this.#seek(state, log);
        else if (!this.#placed && log.loaded && !seeking) this.#place(state);
        else if (anchor) this.#keep(anchor);
        else if (state.following && !log.hasAfter) this.#pinToEnd();
        this.#drawPills();
        this.#tools.place();
        if (log.loaded && this.#placed) this.#loadNearEdges(log);
    }

    async scrollToEnd() {
        const room = this.#room;
        if (logOf(this.#chat.store.state, room).hasAfter) await this.#chat.history.loadPage(room, 'window');
        if (this.#room !== room) return;
        this.#pinToEnd();
        this.#chat.store.dispatch({ type: 'reader/moved', following: true });
    }

    #begin(room) {
        this.#room = room;
        this.#placed = false;
        this.#soughtSeq = null;
        this.#views.clear();
        this.#topStamp = null;
        this.#tools.hide();
        this.#log.replaceChildren();
    }

    #element(row) {
        let view = this.#views.get(row.key);
        if (!view) {
            view = rowView(row, this.#actions);
            this.#views.set(row.key, view);
        } else if (view.stamp !== row.stamp || view.type !== row.type) {
            view.update(row);
        }
        view.type = row.type;
        this.#messages.set(view.element, row.message);
        return view.element;
    }

    #topStamp = null;
    #topElement = null;

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
                    : `This is the very beginning of this ${room.kind === 'private' ? 'private ' : ''}room.`),
                empty && h('p', { class: 'invitation' }, 'No messages yet. Say hello.'));
        }
        return this.#topElement;
    }

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

    #seek({ target: { room, seq } }, log) {
        const { messages } = log;
        const inside = messages.length > 0 && (!log.hasBefore || messages[0].seq <= seq)
            && (!log.hasAfter || messages.at(-1).seq >= seq);
        if (!inside && this.#soughtSeq !== seq) {
            this.#soughtSeq = seq;
            this.#chat.history.loadPage(room, 'window', seq);
            return;
        }
        if (!inside && log.loading) return;
        this.#soughtSeq = null;
        this.#placed = true;
        const element = [...this.#log.querySelectorAll('[data-seq]')].find((one) => Number(one.dataset.seq) >= seq);
        if (element) {
            element.scrollIntoView({ block: 'center' });
            element.focus({ preventScroll: true });
            element.classList.remove('found');
            void element.offsetWidth; // starts the animation again
            element.classList.add('found');
        }
        this.#chat.store.dispatch({ type: 'target/reached' });
        this.#chat.store.dispatch({ type: 'reader/moved', following: this.#atEnd() });
        // A reload later should open the room as usual.
        replaceAddress(addressOf(room), { quiet: true });
    }

    #anchor() {
        const top = this.#log.scrollTop;
        for (const child of this.#log.querySelectorAll('.message, .event')) {
            // Its lower edge stays: above the text the author's line goes when an older message of theirs comes in.
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
        const near = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight <= FOLLOW_PX;
        return near && !logOf(this.#chat.store.state, this.#room).hasAfter;
    }

    #scrolled() {
        this.#tools.place();
        if (!this.#placed || !this.#room) return;
        this.#chat.store.dispatch({ type: 'reader/moved', following: this.#atEnd() });
        this.#drawPills();
        this.#loadNearEdges(logOf(this.#chat.store.state, this.#room));
    }

    #loadNearEdges(log) {
        const { scrollTop, scrollHeight, clientHeight } = this.#log;
        if (scrollTop < PREFETCH_PX) this.#chat.history.loadPage(this.#room, 'before');
        if (log.hasAfter && scrollHeight - scrollTop - clientHeight < PREFETCH_PX) {
            this.#chat.history.loadPage(this.#room, 'after');
        }
    }

    #drawPills() {
        const { state } = this.#chat.store;
        const room = state.rooms[this.#room];
        if (!room) return;
        const log = logOf(state, room.id);
        const fresh = room.unread + missing(log);
        this.#toEnd.hidden = state.following && !log.hasAfter;
        label(this.#toEnd, 'down', fresh > 0 ? `${fresh} new` : 'Newest');
        const line = this.#log.querySelector('.new');
        const above = state.divider?.room === room.id
            && (line ? line.offsetTop < this.#log.scrollTop : log.hasBefore && log.messages[0]?.seq > state.divider.seq);
        this.#toUnread.hidden = !above || room.unread === 0;
        label(this.#toUnread, 'up', 'First unread');
    }

    #showTools(target) {
        const element = target.closest('.message');
        if (element) this.#tools.show(element, this.#messages.get(element));
    }

    /** Arrow keys go from message to message, Enter to what can be done with it, Escape back to writing. */
    #key(event) {
        const current = document.activeElement?.closest('.message');
        if (event.key === 'Escape') {
            byId('composer-text').focus();
            this.#chat.store.dispatch({ type: 'divider/cleared' });
        } else if (event.key === 'Enter' && event.target === current) {
            event.preventDefault();
            this.#tools.focus();
        } else if (['ArrowUp', 'ArrowDown', 'Home', 'End'].includes(event.key) && !event.altKey) {
            const messages = [...this.#log.querySelectorAll('.message')];
            const at = current ? messages.indexOf(current) : messages.length;
            const next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: messages.length - 1 }[event.key];
            event.preventDefault();
            messages[Math.max(0, Math.min(next, messages.length - 1))]?.focus();
        }
    }
}

function label(button, iconName, text) {
    if (button.textContent !== text) button.replaceChildren(icon(iconName), text);
}
