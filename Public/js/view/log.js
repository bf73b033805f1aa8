import { addressOf, replaceAddress } from '../app/device.js';
import { missing } from '../model/log.js';
import { isStaff, mayModerate, roomTitle, rowsOf, textOf } from '../model/selectors.js';
import { Part, logOf } from '../model/state.js';
import { openDialog, openMenu, pickEmoji } from './dialog.js';
import { arrange, button, byId, fill, h, iconButton, isNarrow, roving, skeleton } from './dom.js';
import { rowView } from './message.js';

/** The reader follows the end as long as it is at most that far away. */
const FOLLOW_PX = 48;
/** More messages are asked for before the edge is reached. */
const PREFETCH_PX = 600;
/** What the toolbar offers without opening the picker. */
const QUICK = ['👍', '❤️', '😂', '🎉'];

/** The messages of the open room. It owns the scroll position: nothing that arrives moves what is being read. */
export class MessageLog extends Part {
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
    #skeleton = skeleton(40, 80, 60, 80, 40, 60);

    /** @param {Chat} chat @param {{showPerson: (user: string) => void}} actions */
    constructor(chat, { showPerson }) {
        super(chat);
        const log = this.#log;
        this.#tools = new MessageTools(chat, log);
        this.#actions = {
            state: () => this.state,
            retry: (clientId) => chat.outbox.retry(clientId),
            discard: (clientId) => chat.outbox.discard(clientId),
            fail: chat.fail,
            versions: (message) => chat.messages.versions(message),
            react: (message, emoji) => chat.messages.react(message, emoji).catch(chat.fail),
            pickReaction: (message, anchor) => this.#tools.pickReaction(message, anchor),
            showPerson,
        };
        log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
        log.addEventListener('keydown', (event) => this.#key(event));
        log.addEventListener('pointerover', (event) => {
            if (event.pointerType === 'mouse') this.#showTools(event.target);
        });
        log.addEventListener('click', ({ target }) => {
            if (!target.closest('a, button, summary')) this.#showTools(target);
        });
        log.addEventListener('focusin', ({ target }) => {
            // Whoever walks the messages is not interrupted by new ones; the button below counts them.
            log.setAttribute('aria-live', 'off');
            if (!target.matches('.message')) return;
            log.querySelector('.message[tabindex="0"]')?.setAttribute('tabindex', '-1');
            target.tabIndex = 0;
            this.#showTools(target);
        });
        log.addEventListener('focusout', () => log.removeAttribute('aria-live'));
        this.#toEnd.addEventListener('click', () => {
            this.scrollToEnd();
            byId('composer-text').focus();
        });
        this.#toUnread.addEventListener('click', () => {
            const { divider } = this.state;
            if (divider) chat.rooms.open(divider.room, divider.seq + 1);
        });
        // The keyboard of a phone, a longer draft or an opened panel changes the height: stay at the end.
        new ResizeObserver(() => { if (this.state.following) this.#pinToEnd(); }).observe(log);
    }

    /** First everything is written, then the place is read and set once: each turn between the two is a layout. */
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
        const rows = rowsOf(state, room.id);
        const anchor = state.following ? null : this.#anchor();
        this.#log.setAttribute('aria-label', `Messages in ${roomTitle(state, room)}`);
        this.#log.setAttribute('aria-busy', String(!log.loaded || log.loading !== null));
        const elements = rows.map((row) => this.#element(row));
        const keys = new Set(rows.map((row) => row.key));
        for (const key of this.#views.keys()) if (!keys.has(key)) this.#views.delete(key);
        arrange(this.#log, [this.#top(state, room, log, rows), ...elements]);

        const seeking = state.target?.room === room.id;
        if (seeking && log.loaded) this.#seek(state, log);
        else if (!this.#placed && log.loaded && !seeking) this.#place(state);
        else if (anchor) this.#keep(anchor);
        else if (state.following && !log.hasAfter) this.#pinToEnd();
        if (log.loaded && this.#placed) this.#loadNearEdges(log);
        this.#drawPills();
        this.#tools.place();
    }

    async scrollToEnd() {
        const room = this.#room;
        if (logOf(this.state, room).hasAfter) await this.chat.history.loadPage(room, 'window');
        if (this.#room !== room) return;
        this.#pinToEnd();
        this.dispatch('reader/moved', { following: true });
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
        view.stamp = row.stamp;
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
            this.#topElement = h('div', { class: 'beginning' }, h('h2', {}, title),
                h('p', {}, room.kind === 'direct' ? `Only you and ${title} can read this.`
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
            this.dispatch('reader/moved', { following: this.#atEnd() });
        } else {
            this.#pinToEnd();
            if (!state.following) this.dispatch('reader/moved', { following: true });
        }
    }

    #seek({ target: { room, seq } }, log) {
        const { messages } = log;
        const inside = messages.length > 0 && (!log.hasBefore || messages[0].seq <= seq)
            && (!log.hasAfter || messages.at(-1).seq >= seq);
        if (!inside && this.#soughtSeq !== seq) {
            this.#soughtSeq = seq;
            this.chat.history.loadPage(room, 'window', seq);
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
        this.dispatch('target/reached');
        this.dispatch('reader/moved', { following: this.#atEnd() });
        // A reload later should open the room as usual.
        replaceAddress(addressOf(room), { quiet: true });
    }

    #anchor() {
        const top = this.#log.scrollTop;
        const bottom = top + this.#log.clientHeight;
        const seen = [];
        for (const child of this.#log.querySelectorAll('.message, .event')) {
            // Its lower edge stays: above the text the author's line goes when an older message of theirs comes in.
            const end = child.offsetTop + child.offsetHeight;
            if (end > top) seen.push({ child, offset: end - top });
            if (end > bottom) break;
        }
        return seen;
    }

    /** The first that is still there stays where it was: one of a crowd may have gone into the row of an earlier one. */
    #keep(seen) {
        const kept = seen.find(({ child }) => child.isConnected);
        if (kept) this.#log.scrollTop = kept.child.offsetTop + kept.child.offsetHeight - kept.offset;
    }

    #pinToEnd() {
        this.#log.scrollTop = this.#log.scrollHeight;
    }

    #atEnd() {
        const near = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight <= FOLLOW_PX;
        return near && !logOf(this.state, this.#room).hasAfter;
    }

    #scrolled() {
        this.#tools.place();
        if (!this.#placed || !this.#room) return;
        this.dispatch('reader/moved', { following: this.#atEnd() });
        this.#drawPills();
        this.#loadNearEdges(logOf(this.state, this.#room));
    }

    #loadNearEdges(log) {
        const { scrollTop, scrollHeight, clientHeight } = this.#log;
        if (scrollTop < PREFETCH_PX) this.chat.history.loadPage(this.#room, 'before');
        if (log.hasAfter && scrollHeight - scrollTop - clientHeight < PREFETCH_PX) {
            this.chat.history.loadPage(this.#room, 'after');
        }
    }

    #drawPills() {
        const { state } = this;
        const room = state.rooms[this.#room];
        if (!room) return;
        const log = logOf(state, room.id);
        const fresh = room.unread + missing(log);
        this.#toEnd.hidden = state.following && !log.hasAfter;
        const text = fresh > 0 ? `${fresh} new` : 'Newest';
        if (!this.#toEnd.hidden && this.#toEnd.lastChild.textContent !== text) this.#toEnd.lastChild.textContent = text;
        // Whoever walks the messages hears how many came, not each.
        const news = fresh > 0 && this.#log.contains(document.activeElement) ? `${fresh} new` : '';
        if (byId('news').textContent !== news) byId('news').textContent = news;
        let above = false;
        if (state.divider?.room === room.id && room.unread > 0) {
            const line = this.#log.querySelector('.new');
            above = line ? line.offsetTop < this.#log.scrollTop : log.hasBefore && log.messages[0]?.seq > state.divider.seq;
        }
        this.#toUnread.hidden = !above;
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
            this.dispatch('divider/cleared');
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

/**
 * The actions beside the message under the pointer or the focus. It stands outside of the log, so that it is not read
 * out as news, and there is one for all messages.
 */
class MessageTools extends Part {
    #log;
    #bar = h('div', { class: 'tools', role: 'toolbar', 'aria-label': 'Message actions', 'data-testid': 'tools', hidden: true });
    #element = null;

    /** @param {Chat} chat @param {HTMLElement} log */
    constructor(chat, log) {
        super(chat);
        this.#log = log;
        log.after(this.#bar);
        roving(this.#bar);
        this.#bar.addEventListener('keydown', (event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            this.#element?.focus();
        });
        this.#bar.parentElement.addEventListener('pointerleave', ({ pointerType }) => {
            // A finger leaves with every tap.
            if (pointerType === 'mouse' && !this.#bar.contains(document.activeElement)) this.hide();
        });
    }

    /** @param {HTMLElement} element @param {Message | undefined} message */
    show(element, message) {
        if (!message || message.deleted_at || message.room !== this.state.active) return this.hide();
        if (this.#element !== element || this.#bar.hidden || this.#bar.message !== message) this.#fill(message);
        this.#element?.classList.remove('chosen');
        this.#element = element;
        element.classList.add('chosen');
        return this.place();
    }

    /** Keeps to its message while the log scrolls. */
    place() {
        if (this.#bar.hidden) return;
        // Beside the name where there is space; above it on a phone, which shows what was chosen.
        const lift = isNarrow() ? this.#bar.offsetHeight - 4 : 16;
        const top = this.#element?.isConnected ? this.#element.offsetTop - this.#log.scrollTop - lift : Infinity;
        if (top < -this.#element?.offsetHeight || top > this.#log.clientHeight) this.hide();
        else this.#bar.style.top = `${Math.max(4, top)}px`;
    }

    hide() {
        this.#bar.hidden = true;
        this.#element?.classList.remove('chosen');
        this.#element = null;
    }

    /** Gives the focus to the first action. */
    focus() {
        this.#bar.querySelector('button')?.focus();
    }

    /** @param {Message} message @param {Element} anchor */
    pickReaction(message, anchor) {
        pickEmoji(anchor, this.state.emoji, (emoji) => this.chat.messages.react(message, emoji).catch(this.chat.fail));
    }

    #fill(message) {
        const { state } = this;
        const mine = message.author === state.me.id;
        const { composing, messages, fail } = this.chat;
        const room = state.rooms[message.room];
        const may = !room?.archived_at;
        const begin = (type, label) => iconButton(type, label, () => {
            this.hide();
            composing.begin(type, message);
        });
        const back = (action) => () => { this.#element?.focus(); action(); };
        const more = iconButton('more', 'More', () => openMenu(more, 'More actions', [
            ...(message.body ? [{ label: 'Copy text', choose: () => this.#copy(message.body) }] : []),
            { label: 'Copy link', choose: () => this.#copy(messages.link(message)) },
            { label: 'Mark unread from here', choose: back(() => messages.markUnread(message).catch(fail)) },
            ...(may && (mine || mayModerate(state, room) || isStaff(state))
                ? [{ label: 'Delete…', danger: true, choose: () => this.#confirmRemoval(message) }] : []),
        ]), { 'aria-haspopup': 'menu' });
        const react = iconButton('smile', 'React', () => this.pickReaction(message, react), { 'aria-haspopup': 'dialog' });
        this.#bar.message = message;
        fill(this.#bar, may && [
            QUICK.map((emoji) => button(emoji, back(() => messages.react(message, emoji).catch(fail)), {
                class: 'quiet quick', 'aria-label': `React with ${emoji}`,
            })),
            react, begin('reply', 'Reply'), mine && begin('edit', 'Edit'),
        ], more);
        this.#bar.querySelectorAll('button').forEach((one, index) => { one.tabIndex = index === 0 ? 0 : -1; });
        this.#bar.hidden = false;
    }

    async #copy(text) {
        try {
            await navigator.clipboard.writeText(text);
            this.chat.say('Copied');
        } catch {
            this.chat.say('This browser does not let the page copy.', 'warn');
        }
    }

    #confirmRemoval(message) {
        const dialog = openDialog('Delete this message?', h('div', { class: 'fields' },
            h('p', { class: 'excerpt' }, textOf(message).slice(0, 200)),
            h('p', { class: 'hint' }, 'Everybody will see that a message was deleted here. This cannot be undone.'),
            h('div', { class: 'buttons' }, button('Cancel', () => dialog.close()), button('Delete', () => {
                dialog.close();
                this.chat.messages.remove(message).catch(this.chat.fail);
            }, { class: 'primary danger' }))));
    }
}
