import { addressOf } from './route.js';

/** What can be done with a message. Answers carry the row, which enters like any other change. */
export class Messages {
    #chat;

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
    }

    /** @param {Message} message @param {string} body */
    edit({ room, seq }, body) {
        return this.#change('message:edit', { room, seq, body });
    }

    /** @param {Message} message */
    remove({ room, seq }) {
        return this.#change('message:delete', { room, seq });
    }

    /** Adds my reaction, or takes it away. @param {Message} message @param {string} emoji */
    async react({ room, seq, reactions = [] }, emoji) {
        const mine = reactions.some((reaction) => reaction.emoji === emoji && reaction.me);
        const change = await this.#chat.socket.request(mine ? 'reaction:remove' : 'reaction:add', { room, seq, emoji });
        this.#chat.history.received({ patch: true, room, seq, changed_seq: change.changed_seq, reactions: change.reactions });
    }

    /** Everything from this message on counts as unread again. @param {Message} message */
    async markUnread({ room, seq }) {
        const marker = await this.#chat.socket.request('read:unset', { room, seq });
        this.#chat.store.dispatch({ type: 'room/read', marker: { ...marker, forced: true } });
    }

    /** @param {string} query @param {string} [cursor] of the answer before @returns {Promise<{results: any[], next?: string}>} */
    search(query, cursor) {
        return this.#chat.socket.request('message:search', { query, ...(cursor ? { cursor } : {}) });
    }

    /** @param {Message} message @returns {string} an address that opens the room there */
    link({ room, seq }) {
        return location.origin + location.pathname + addressOf(room, seq);
    }

    async #change(event, payload) {
        const { message } = await this.#chat.socket.request(event, payload);
        this.#chat.history.received(message);
    }
}
