import { draftOf, keepDraft } from '../device/kept.js';
import { draftEntry } from '../model/outbox.js';
import { logOf } from '../model/state.js';

/** How much of an answered message is quoted; the server cuts there too. */
const QUOTE_LENGTH_MAX = 200;

/** Writing a message: drafts, what the field is for, the rules for a body, and handing it to the outbox. */
export class Composing {
    #chat;

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
    }

    /** @param {string} room @returns {string} */
    draft(room) {
        return draftOf(this.#chat.store.state.me.id, room);
    }

    /** @param {string} room @param {string} text */
    keep(room, text) {
        const { me } = this.#chat.store.state;
        if (me) keepDraft(me.id, room, text);
    }

    /** @param {'reply' | 'edit'} type @param {Message} message */
    begin(type, message) {
        this.#chat.store.dispatch({ type: 'draft/changed', draft: { type, room: message.room, message } });
    }

    /** The field is for a new message again. */
    cancel() {
        this.#chat.store.dispatch({ type: 'draft/changed', draft: null });
    }

    /** The newest message to edit or to answer. @param {'reply' | 'edit'} type @returns {boolean} whether there is one */
    beginWithLast(type) {
        const { state } = this.#chat.store;
        const message = logOf(state, state.active).messages.findLast((one) => (
            one.kind === 'text' && !one.deleted_at && (type === 'reply' || one.author === state.me.id)));
        if (message) this.begin(type, message);
        return Boolean(message);
    }

    /** @param {string} body @returns {'empty' | 'too-long' | 'ok'} */
    judge(body) {
        if (body.trim() === '') return 'empty';
        return this.bytes(body) > this.#chat.store.state.messageBytesMax ? 'too-long' : 'ok';
    }

    /** @param {string} body @returns {number} what the limit counts */
    bytes(body) {
        return new TextEncoder().encode(body).length;
    }

    /** @param {string} room @param {string} body @returns {boolean} whether it was taken */
    send(room, body) {
        if (this.judge(body) !== 'ok') return false;
        const { me, draft } = this.#chat.store.state;
        const answered = draft?.type === 'reply' && draft.room === room ? draft.message : null;
        const reply = answered && { seq: answered.seq, author: answered.author, body: answered.body.slice(0, QUOTE_LENGTH_MAX) };
        this.#chat.outbox.add(draftEntry({ clientId: randomId(), author: me.id, room, body, reply, now: Date.now() }));
        this.keep(room, '');
        if (answered) this.cancel();
        return true;
    }
}

/** 128 bits; `crypto.randomUUID` is missing on plain http. */
function randomId() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
