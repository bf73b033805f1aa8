import { missing } from '../model/log.js';
import { logOf } from '../model/state.js';

const PAGE_ROWS = 50;
/** A gap often closes by itself, because two instances publish at the same moment. */
const GAP_WAIT_MS = 150;
const RETRY_MS = 2_000;

/** Messages coming in: live, by synchronizing a room, and by paging upward. */
export class History {
    #chat;
    #store;
    #loading = new Set();
    #gapTimers = new Map();

    /** @param {import('./chat.js').Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        this.#store = chat.store;
    }

    /** `message:created`, an acknowledged message of my own, or one that another tab had acknowledged. */
    received(message) {
        this.#store.dispatch({ type: 'message/received', message, heardAt: Date.now() });
        if (missing(logOf(this.#store.state, message.room)) > 0) this.#fillGapSoon(message.room);
    }

    /** `room:seq`: somebody knows of more than we may have heard. */
    hinted(room, lastSeq) {
        const log = logOf(this.#store.state, room);
        if (log.loaded && lastSeq > log.have) this.#fillGapSoon(room);
    }

    /** Loads a room that is opened for the first time. @param {string} room */
    load(room) {
        if (logOf(this.#store.state, room).loaded) return;
        this.#synchronize(room);
    }

    fillGaps() {
        for (const [room, log] of Object.entries(this.#store.state.logs)) {
            if (missing(log) > 0) this.#synchronize(room);
        }
    }

    /** Loads the page above the first row. @param {string} room @returns {Promise<void>} */
    async loadOlder(room) {
        const log = logOf(this.#store.state, room);
        if (!log.hasBefore || log.loadingBefore || !this.#chat.socket.online) return;
        const before = log.messages[0]?.seq;
        this.#store.dispatch({ type: 'page/requested', room });
        try {
            const page = await this.#chat.socket.request('message:list', {
                room, before_seq: before, limit: PAGE_ROWS,
            });
            // The window may have been replaced meanwhile; a page that does not touch it would leave a hole.
            const stillFirst = logOf(this.#store.state, room).messages[0]?.seq === before;
            this.#store.dispatch(stillFirst ? { type: 'page/loaded', room, page } : { type: 'page/failed', room });
        } catch {
            this.#store.dispatch({ type: 'page/failed', room });
        }
    }

    #fillGapSoon(room) {
        if (this.#gapTimers.has(room)) return;
        this.#gapTimers.set(room, setTimeout(() => {
            this.#gapTimers.delete(room);
            const { rooms, logs } = this.#store.state;
            const log = logs[room];
            if (log && (missing(log) > 0 || rooms[room]?.last_seq > log.have)) this.#synchronize(room);
        }, GAP_WAIT_MS));
    }

    async #synchronize(room) {
        if (this.#loading.has(room) || !this.#chat.socket.online) return;
        this.#loading.add(room);
        const log = logOf(this.#store.state, room);
        let again = false;
        try {
            const changes = await this.#chat.socket.request('room:sync', {
                room, since: log.have, ...(log.loaded ? {} : { limit: PAGE_ROWS }),
            });
            this.#store.dispatch({ type: 'room/synced', changes });
            again = missing(logOf(this.#store.state, room)) > 0;
        } catch (error) {
            // After a lost connection session:sync does this work.
            again = error.retryable && error.code !== 'disconnected';
        } finally {
            this.#loading.delete(room);
        }
        if (again) setTimeout(() => this.#synchronize(room), RETRY_MS);
    }
}
