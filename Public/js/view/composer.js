import { kept } from '../app/device.js';
import { offersFor, personOf, roomTitle, startedAt, textOf } from '../model/selectors.js';
import { Part } from '../model/state.js';
import { pickEmoji } from './dialog.js';
import { avatar, byId, fill, h, icon, iconButton } from './dom.js';
import { drawTray, takeFiles } from './images.js';

/** The counter appears when that much of the limit is used. */
const COUNTER_FROM = 0.8;
/** No pictures; always the same, so that nothing is drawn for them. */
const NONE = [];
/** With Ctrl or ⌘: what is put around the selection. */
const WRAPS = { b: '**', i: '_', e: '`' };

/** The field to write in. What is typed is kept per room and never lost by a failed send. */
export class Composer extends Part {
    #log;
    #form = byId('composer');
    #text = byId('composer-text');
    #send = byId('send');
    #counter = byId('composer-counter');
    #banner = byId('composer-banner');
    #offers = byId('offers');
    #add = byId('image-open');
    #images = NONE;
    #room = null;
    #draft = null;
    #started = null;
    #offered = [];
    #at = 0;
    /** Enter on a soft keyboard makes a line: there is no Shift+Enter to be had. */
    #touch = matchMedia('(hover: none) and (pointer: coarse)');

    /** @param {Chat} chat @param {MessageLog} log */
    constructor(chat, log) {
        super(chat);
        this.#log = log;
        const emoji = byId('emoji-open');
        emoji.addEventListener('click', () => pickEmoji(emoji, this.state.emoji, (chosen) => this.#insert(chosen)));
        const files = byId('image-files');
        const take = (chosen) => {
            if (this.#editing) return chat.say('Images go with a new message.', 'warn');
            this.focus();
            return chat.composing.attach(this.#room, chosen);
        };
        this.#add.addEventListener('click', () => files.click());
        files.addEventListener('change', () => {
            take([...files.files]);
            files.value = '';
        });
        takeFiles(byId('room'), this.#text, take, () => (
            this.#room && this.state.imageBytesMax && !document.querySelector('dialog[open]')));
        this.#form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.#submit();
        });
        this.#text.addEventListener('input', () => {
            this.#changed();
            this.#offer();
            if (this.#text.value && !this.#editing) chat.presence.typed(this.#room);
        });
        this.#text.addEventListener('keydown', (event) => this.#key(event));
        this.#text.addEventListener('blur', () => this.#closeOffers());
        this.#text.addEventListener('click', () => this.#offer());
        new ResizeObserver(() => this.#fit()).observe(this.#form);
    }

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
        this.#text.ariaLabel = this.#text.placeholder;
        byId('keys').textContent = this.#touch.matches ? ''
            : this.#enterSends ? 'Enter sends, Shift+Enter starts a new line' : 'Ctrl+Enter sends';
        if (this.#room !== room.id) {
            this.#room = room.id;
            this.#draft = null;
            this.#write(this.chat.composing.draft(room.id));
            if (!this.#touch.matches && !document.querySelector('dialog[open]') && !state.target) this.focus();
        }
        if (this.#draft !== state.draft) this.#drawDraft(state);
        this.#drawImages(state);
    }

    #drawImages({ images: { [this.#room]: chosen }, imageBytesMax }) {
        if (!chosen) this.chat.composing.loadImages(this.#room);
        this.#add.hidden = this.#editing || !imageBytesMax;
        const images = (!this.#editing && chosen) || NONE;
        if (images === this.#images) return;
        this.#images = images;
        drawTray(byId('tray'), images, (key) => {
            this.chat.composing.keepImages(this.#room, this.state.images[this.#room].filter((one) => one.key !== key));
            this.#drawImages(this.state);
        });
        this.#judge();
    }

    focus() {
        this.#text.focus();
    }

    get #editing() {
        return this.#draft?.type === 'edit';
    }

    get #enterSends() {
        return kept('setting:enter') !== 'line';
    }

    /** What the field is for, when it is not a new message. */
    #drawDraft(state) {
        const before = this.#draft;
        this.#draft = state.draft;
        if (this.#editing) this.#write(state.draft.message.body);
        else if (before?.type === 'edit') this.#write(this.chat.composing.draft(this.#room));
        this.#banner.hidden = !state.draft;
        if (!state.draft) return;
        const { message } = state.draft;
        fill(this.#banner, icon(this.#editing ? 'edit' : 'reply'), h('p', {}, this.#editing ? 'Editing your message' : [
            'Reply to ', h('strong', {}, personOf(state, message.author).display_name), ' ',
            h('span', {}, textOf(message).slice(0, 120))]), iconButton('close', 'Cancel', () => this.#cancel()));
        this.focus();
    }

    #cancel() {
        this.chat.composing.cancel();
        // What began and ended between two frames is no change for the next one.
        this.draw(this.state);
        this.focus();
    }

    #key(event) {
        // While an input method is composing, Enter chooses a word. Safari reports it as key code 229.
        if (event.isComposing || event.keyCode === 229) return;
        const command = event.ctrlKey || event.metaKey;
        if (this.#offered.length > 0 && !command && this.#offerKey(event.key)) {
            event.preventDefault();
            event.stopPropagation();
            return;
        }
        if (event.key === 'Enter') {
            const sends = command || (!event.shiftKey && this.#enterSends && !this.#touch.matches);
            if (!sends) return;
            event.preventDefault();
            this.#submit();
        } else if (event.key === 'Escape') {
            if (this.#draft) this.#cancel();
            else this.dispatch('divider/cleared');
        } else if (event.key === 'ArrowUp' && !event.altKey && this.#text.value === '' && !this.#draft) {
            if (!this.chat.composing.beginWithLast(event.shiftKey ? 'reply' : 'edit')) return;
            event.preventDefault();
            // Not with the next frame: the next key is for the text.
            this.draw(this.state);
        } else if (command && !event.altKey && !event.shiftKey && WRAPS[event.key.toLowerCase()]) {
            event.preventDefault();
            this.#wrap(WRAPS[event.key.toLowerCase()]);
        }
    }

    async #submit() {
        const { value } = this.#text;
        if (!this.#room) return;
        if (this.#editing) return void await this.#saveEdit(value);
        if (!this.chat.composing.send(this.#room, value)) return this.focus();
        this.#write('');
        this.#log.scrollToEnd();
        return this.focus();
    }

    /** The text stays in the field until the server has taken it. */
    async #saveEdit(value) {
        const { message } = this.#draft;
        if (this.chat.composing.judge(value, message.attachments) !== 'ok') return;
        try {
            if (value !== message.body) await this.chat.messages.edit(message, value);
            if (this.#draft?.message === message) this.#cancel();
        } catch (error) {
            this.chat.fail(error);
        }
    }

    #write(text) {
        this.#text.value = text;
        this.#closeOffers();
        this.#changed();
    }

    /** As if it had been typed, so that Undo works. */
    #insert(text) {
        this.focus();
        if (!document.execCommand('insertText', false, text)) this.#text.setRangeText(text);
    }

    #wrap(mark) {
        const { selectionStart: start, selectionEnd: end, value } = this.#text;
        this.#insert(mark + value.slice(start, end) + mark);
        this.#text.setSelectionRange(start + mark.length, end + mark.length);
    }

    #changed() {
        const { value } = this.#text;
        if (!this.#editing) this.chat.composing.keep(this.#room, value);
        this.#fit();
        this.#judge();
    }

    #judge() {
        const { value } = this.#text;
        const judgement = this.chat.composing.judge(value, this.#editing ? this.#draft.message.attachments : this.#images);
        this.#send.disabled = judgement !== 'ok';
        this.#text.setAttribute('aria-invalid', String(judgement === 'too-long'));
        const bytes = value.length * 3 < this.#limit * COUNTER_FROM ? 0 : this.chat.composing.bytes(value);
        const left = this.#limit - bytes;
        this.#counter.textContent = bytes < this.#limit * COUNTER_FROM ? ''
            : left >= 0 ? `${left.toLocaleString('en')} bytes left`
                : `${(-left).toLocaleString('en')} bytes too long`;
        this.#counter.classList.toggle('over', left < 0);
    }

    get #limit() {
        return this.state.messageBytesMax;
    }

    /** As high as its text; the style sheet sets the limit. */
    #fit() {
        // The box keeps its height meanwhile: else the messages would get the space for a moment and lose their place.
        const box = this.#text.parentElement;
        box.style.minBlockSize = `${box.offsetHeight}px`;
        this.#text.style.height = 'auto';
        this.#text.style.height = `${this.#text.scrollHeight}px`;
        box.style.minBlockSize = '';
    }

    // Completion

    #offer() {
        const { value, selectionStart, selectionEnd } = this.#text;
        this.#started = selectionStart === selectionEnd ? startedAt(value, selectionStart) : null;
        this.#offered = this.#started ? offersFor(this.state, this.#started) : [];
        this.#at = 0;
        this.#offers.hidden = this.#offered.length === 0;
        fill(this.#offers, this.#offered.map((offer, index) => h('li', {
            id: `offer-${index}`, role: 'option',
            // Before the field loses the focus, which would close the list.
            pointerdown: (event) => { event.preventDefault(); this.#accept(offer); },
        }, offer.user ? avatar(offer.user, 'small') : h('span', { class: 'hash' }, offer.glyph),
        h('span', { class: 'name' }, offer.label), h('span', { class: 'handle' }, offer.hint))));
        this.#mark();
    }

    #mark() {
        [...this.#offers.children].forEach((item, index) => item.setAttribute('aria-selected', String(index === this.#at)));
        if (this.#offered.length > 0) this.#text.setAttribute('aria-activedescendant', `offer-${this.#at}`);
        else this.#text.removeAttribute('aria-activedescendant');
    }

    /** @returns {boolean} whether the key was for the list */
    #offerKey(key) {
        if (key === 'ArrowDown' || key === 'ArrowUp') {
            this.#at = (this.#at + (key === 'ArrowDown' ? 1 : -1) + this.#offered.length) % this.#offered.length;
            this.#mark();
        } else if (key === 'Enter' || key === 'Tab') {
            this.#accept(this.#offered[this.#at]);
        } else if (key === 'Escape') {
            this.#closeOffers();
        } else {
            return false;
        }
        return true;
    }

    #accept(offer) {
        this.#text.setSelectionRange(this.#started.start, this.#text.selectionStart);
        this.#insert(`${offer.text} `);
        this.#closeOffers();
    }

    #closeOffers() {
        this.#offered = [];
        this.#offers.hidden = true;
        this.#mark();
    }
}
