import { roomTitle } from '../model/selectors.js';
import { byId } from './dom.js';
import { icon } from './icons.js';

/** The counter appears when that much of the limit is used. */
const COUNTER_FROM = 0.8;

/** The field to write in. What is typed is kept per room and never lost by a failed send. */
export class Composer {
    #chat;
    #log;
    #form = byId('composer');
    #text = byId('composer-text');
    #send = byId('send');
    #counter = byId('composer-counter');
    #room = null;
    /** Enter on a soft keyboard makes a line: there is no Shift+Enter to be had. */
    #touch = matchMedia('(hover: none) and (pointer: coarse)');

    /** @param {import('../app/chat.js').Chat} chat @param {import('./message-log.js').MessageLog} log */
    constructor(chat, log) {
        this.#chat = chat;
        this.#log = log;
        this.#send.append(icon('send'));
        this.#form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.#submit();
        });
        this.#text.addEventListener('input', () => this.#changed());
        this.#text.addEventListener('keydown', (event) => this.#key(event));
        new ResizeObserver(() => this.#fit()).observe(this.#form);
    }

    /** @param {import('../model/state.js').State} state */
    draw(state) {
        const room = state.rooms[state.active];
        const usable = Boolean(room?.joined) && !room.archived_at;
        this.#form.hidden = !usable;
        if (!usable) {
            this.#room = null;
            return;
        }
        const title = roomTitle(state, room);
        this.#text.placeholder = `Message ${title}`;
        this.#text.setAttribute('aria-label', `Message ${title}`);
        byId('keys').textContent = this.#touch.matches ? '' : 'Enter sends, Shift+Enter starts a new line';
        if (this.#room !== room.id) {
            this.#room = room.id;
            this.#text.value = this.#chat.composing.draft(room.id);
            this.#changed();
            if (!this.#touch.matches && !document.querySelector('dialog[open]')) this.focus();
        }
    }

    focus() {
        this.#text.focus();
    }

    #key(event) {
        // While an input method is composing, Enter chooses a word. Safari reports it as key code 229.
        if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
        if (this.#touch.matches && !event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.#submit();
    }

    #submit() {
        const { value } = this.#text;
        if (!this.#room || !this.#chat.composing.send(this.#room, value)) return this.focus();
        this.#text.value = '';
        this.#changed();
        this.#log.scrollToEnd();
        return this.focus();
    }

    #changed() {
        const { value } = this.#text;
        this.#chat.composing.keep(this.#room, value);
        this.#fit();
        const judgement = this.#chat.composing.judge(value);
        this.#send.disabled = judgement !== 'ok';
        this.#text.setAttribute('aria-invalid', String(judgement === 'too-long'));
        const bytes = value.length * 3 < this.#limit * COUNTER_FROM ? 0 : this.#chat.composing.bytes(value);
        const left = this.#limit - bytes;
        this.#counter.textContent = bytes < this.#limit * COUNTER_FROM ? ''
            : left >= 0 ? `${left.toLocaleString('en')} bytes left`
                : `${(-left).toLocaleString('en')} bytes too long`;
        this.#counter.classList.toggle('over', left < 0);
    }

    get #limit() {
        return this.#chat.store.state.messageBytesMax;
    }

    /** As high as its text; the style sheet sets the limit. */
    #fit() {
        this.#text.style.height = 'auto';
        this.#text.style.height = `${this.#text.scrollHeight}px`;
    }
}
