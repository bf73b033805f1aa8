import { draftOf, keepDraft } from '../device/kept.js';
import { draftEntry } from '../model/outbox.js';
import { randomId } from './ids.js';

/** Writing a message: drafts, the rules for a body, and handing it to the outbox. */
export class Composing {
    #chat;

    /** @param {import('./chat.js').Chat} chat */
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
        const author = this.#chat.store.state.me.id;
        this.#chat.outbox.add(draftEntry({ clientId: randomId(), author, room, body, now: Date.now() }));
        this.keep(room, '');
        return true;
    }
}
