import { OutboxDatabase } from '../device/outbox-database.js';
import { becomeLeader, listen, tell } from '../device/tabs.js';
import * as outbox from '../model/outbox.js';

/**
 * Brings the outbox to the server: every tab writes entries, one sends them for all. An entry is on disk before it is
 * sent and until it is confirmed, so it survives this page at any moment.
 */
export class OutboxSender {
    #chat;
    #store;
    #database = new OutboxDatabase();
    #leading = false;
    #timer = null;

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        this.#store = chat.store;
        becomeLeader('outbox', async () => {
            this.#leading = true;
            await this.load();
        });
        listen((news) => {
            if (news.type === 'outbox') this.load();
            // The other tab may hang on an instance that tells us nothing.
            if (news.type === 'sent' && this.#chat.socket.online) this.#confirmed(news.message);
        });
    }

    /** Reads what is on disk: written before a reload, or by another tab. */
    async load() {
        if (!this.#store.state.me) return;
        this.#store.dispatch({ type: 'outbox/loaded', entries: await this.#database.all() });
        this.#send();
    }

    /** @param {Entry} entry */
    async add(entry) {
        this.#store.dispatch({ type: 'outbox/put', entry });
        await this.#database.put(entry);
        tell({ type: 'outbox' });
        this.#send();
    }

    /** @param {string} clientId */
    async retry(clientId) {
        const entry = this.#find(clientId);
        if (entry) await this.add(outbox.retried(entry));
    }

    /** @param {string} clientId */
    async discard(clientId) {
        this.#store.dispatch({ type: 'outbox/removed', clientId });
        await this.#database.remove(clientId);
        tell({ type: 'outbox' });
        this.#send();
    }

    /** A new connection is a new chance for everything that waits. */
    hasten() {
        this.#store.dispatch({ type: 'outbox/hastened' });
        this.#send();
    }

    #send() {
        clearTimeout(this.#timer);
        if (!this.#leading || !this.#chat.socket.online || !this.#store.state.synced) return;
        const now = Date.now();
        for (const entry of outbox.due(this.#store.state.outbox, now)) this.#attempt(entry);
        const next = outbox.nextDue(this.#store.state.outbox);
        if (next !== null) this.#timer = setTimeout(() => this.#send(), Math.max(0, next - now));
    }

    async #attempt(entry) {
        this.#store.dispatch({ type: 'outbox/put', entry: outbox.sending(entry) });
        try {
            const { message } = await this.#chat.socket.request('message:send', {
                room: entry.room, client_id: entry.client_id, body: entry.body,
                ...(entry.reply ? { reply_to: entry.reply.seq } : {}),
            });
            await this.#database.remove(entry.client_id);
            this.#confirmed(message);
            tell({ type: 'sent', message });
            tell({ type: 'outbox' });
        } catch (error) {
            await this.#failed(entry, error);
        }
        this.#send();
    }

    async #failed(entry, error) {
        // Deleted or confirmed while we waited: nothing is left to try.
        if (!this.#find(entry.client_id)) return void await this.#database.remove(entry.client_id);
        const next = outbox.afterError(entry, error, Date.now());
        this.#store.dispatch({ type: 'outbox/put', entry: next });
        await this.#database.put(outbox.stored(next));
        tell({ type: 'outbox' });
        if (error.code === 'unauthenticated') this.#chat.session.refused(error.code);
    }

    #confirmed(message) {
        const entry = this.#find(message.client_id);
        if (entry) this.#store.dispatch({ type: 'outbox/put', entry: { ...entry, state: 'sent' } });
        this.#chat.history.received(message);
    }

    #find(clientId) {
        return this.#store.state.outbox.find((entry) => entry.client_id === clientId);
    }
}
