import { QUICK } from '../model/emoji.js';
import { isStaff, mayModerate } from '../model/selectors.js';
import { h, iconButton, roving } from './dom.js';
import { openDialog } from './dialog.js';
import { pickEmoji } from './emoji-picker.js';
import { openMenu } from './popover.js';

/**
 * The actions beside the message under the pointer or the focus. It stands outside of the log, so that it is not read
 * out as news, and there is one for all messages.
 */
export class MessageTools {
    #chat;
    #log;
    #bar = h('div', { class: 'tools', role: 'toolbar', 'aria-label': 'Message actions', 'data-testid': 'tools', hidden: true });
    #element = null;

    /** @param {Chat} chat @param {HTMLElement} log */
    constructor(chat, log) {
        this.#chat = chat;
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
        if (!message || message.deleted_at || message.room !== this.#chat.store.state.active) return this.hide();
        if (this.#element !== element || this.#bar.hidden || this.#bar.message !== message) this.#fill(message);
        this.#element?.classList.remove('chosen');
        this.#element = element;
        element.classList.add('chosen');
        this.place();
        return undefined;
    }

    /** Keeps to its message while the log scrolls. */
    place() {
        if (this.#bar.hidden || !this.#element?.isConnected) return this.hide();
        const top = this.#element.offsetTop - this.#log.scrollTop - 16;
        this.#bar.style.top = `${Math.max(4, top)}px`;
        if (top < -this.#element.offsetHeight || top > this.#log.clientHeight) this.hide();
        return undefined;
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
        pickEmoji(anchor, (emoji) => this.#chat.messages.react(message, emoji).catch(this.#chat.fail));
    }

    #fill(message) {
        const { state } = this.#chat.store;
        const mine = message.author === state.me.id;
        const { composing, messages, fail } = this.#chat;
        const may = !state.rooms[message.room]?.archived_at;
        const begin = (type, label) => iconButton(type, label, () => {
            this.hide();
            composing.begin(type, message);
        });
        const back = (action) => () => { this.#element?.focus(); action(); };
        const more = iconButton('more', 'More', () => openMenu(more, 'More actions', [
            { label: 'Copy text', choose: () => this.#copy(message.body) },
            { label: 'Copy link', choose: () => this.#copy(messages.link(message)) },
            { label: 'Mark unread from here', choose: back(() => messages.markUnread(message).catch(fail)) },
            ...(may && (mine || mayModerate(state, state.rooms[message.room]) || isStaff(state))
                ? [{ label: 'Delete…', danger: true, choose: () => this.#confirmRemoval(message) }] : []),
        ]), { 'aria-haspopup': 'menu' });
        const react = iconButton('smile', 'React', () => this.pickReaction(message, react), { 'aria-haspopup': 'dialog' });
        this.#bar.message = message;
        this.#bar.replaceChildren(...(may ? [
            ...QUICK.map((emoji) => h('button', {
                class: 'quiet quick', type: 'button', 'aria-label': `React with ${emoji}`,
                on: { click: back(() => messages.react(message, emoji).catch(fail)) },
            }, emoji)),
            react,
            begin('reply', 'Reply'),
            mine && begin('edit', 'Edit'),
        ].filter(Boolean) : []), more);
        this.#bar.querySelectorAll('button').forEach((button, index) => { button.tabIndex = index === 0 ? 0 : -1; });
        this.#bar.hidden = false;
    }

    async #copy(text) {
        try {
            await navigator.clipboard.writeText(text);
            this.#chat.say('Copied');
        } catch {
            this.#chat.say('This browser does not let the page copy.', 'warn');
        }
    }

    #confirmRemoval(message) {
        const dialog = openDialog('Delete this message?', h('div', { class: 'fields' },
            h('p', { class: 'excerpt' }, message.body.slice(0, 200)),
            h('p', { class: 'hint' }, 'Everybody will see that a message was deleted here. This cannot be undone.'),
            h('button', {
                class: 'primary danger', type: 'button',
                on: { click: () => { dialog.close(); this.#chat.messages.remove(message).catch(this.#chat.fail); } },
            }, 'Delete')));
    }
}
