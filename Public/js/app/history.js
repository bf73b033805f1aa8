import { missing } from '../model/log.js';
import { logOf } from '../model/state.js';

const PAGE_ROWS = 50;
/** A gap often closes by itself, because two instances publish at the same moment. */
const GAP_WAIT_MS = 150;
const RETRY_MS = 2_000;

/** Messages coming in: live, by synchronizing a room, and in pages. */
export class History {
    #chat;
    #store;
    #loading = new Set();
    #gapTimers = new Map();

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        this.#store = chat.store;
    }

    /**
     * A live change, an acknowledged message of my own, or one that another tab had acknowledged.
     * @param {Change} message @param {{shared?: boolean}} [options] whether everybody got it
     */
    received(message, { shared = false } = {}) {
        this.#store.dispatch({ type: 'message/received', message, shared, heardAt: Date.now() });
        if (missing(logOf(this.#store.state, message.room)) > 0) this.#fillGapSoon(message.room);
    }

    /** `room:seq`: somebody knows of more than we may have heard. */
    hinted(room, lastSeq) {
        const log = logOf(this.#store.state, room);
        if (log.loaded && lastSeq > log.have) {
            this.#store.dispatch({ type: 'room/updated', room: { id: room, last_seq: lastSeq } });
            this.#fillGapSoon(room);
        }
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

    /**
     * Loads the page above or below what is there, or another window: around `seq`, or the newest.
     * @param {string} room @param {Place} place @param {number} [seq]
     */
    async loadPage(room, place, seq) {
        const log = logOf(this.#store.state, room);
        const wanted = place === 'window' || (!log.loading && (place === 'before' ? log.hasBefore : log.hasAfter));
        if (!wanted || !log.loaded || !this.#chat.socket.online) return;
        const edge = edgeOf(log, place);
        const position = { before: { before_seq: edge }, after: { after_seq: edge }, window: seq ? { around_seq: seq } : {} };
        this.#store.dispatch({ type: 'page/requested', room, place });
        // The window may be replaced meanwhile; a page that does not touch it would leave a hole.
        const stillWanted = () => {
            const now = logOf(this.#store.state, room);
            return now.loading === place && edgeOf(now, place) === edge;
        };
        try {
            const page = await this.#chat.socket.request('message:list', { room, limit: PAGE_ROWS, ...position[place] });
            if (stillWanted()) this.#store.dispatch({ type: 'page/loaded', room, page });
        } catch {
            if (stillWanted()) this.#store.dispatch({ type: 'page/failed', room });
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

function edgeOf(log, place) {
    return place === 'window' ? null : log.messages.at(place === 'before' ? 0 : -1)?.seq;
}
