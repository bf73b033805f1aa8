import { directRooms } from '../model/selectors.js';

/** The server passes on one of these in three seconds; more would be wasted. */
const TYPING_EVERY_MS = 3_000;
/** Without news somebody has stopped typing. */
const TYPING_MS = 6_000;
/** The server's limit for one request. */
const WATCHED_MAX = 200;
/** In the background for that long is away. */
const AWAY_AFTER_MS = 120_000;

/** Who is there and who is typing; told again after every connection. */
export class Presence {
    #chat;
    #watched = '';
    #typedAt = 0;
    #awayTimer = null;

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        chat.store.subscribe((state) => this.#watch(state));
        document.addEventListener('visibilitychange', () => {
            clearTimeout(this.#awayTimer);
            if (document.hidden) this.#awayTimer = setTimeout(() => this.#tell('away'), AWAY_AFTER_MS);
            else this.#tell('online');
        });
    }

    /** A new connection knows nothing of the one before. */
    restart() {
        this.#watched = '';
        this.#typedAt = 0;
        this.#watch(this.#chat.store.state);
    }

    /** I typed something. @param {string} room */
    typed(room) {
        const now = Date.now();
        if (now - this.#typedAt < TYPING_EVERY_MS) return;
        this.#typedAt = now;
        this.#chat.socket.emit('typing:set', { room });
    }

    /** `typing:updated`. Its `until` is by the server's clock, which need not be ours. */
    typing({ room, user }) {
        const dispatch = (until) => this.#chat.store.dispatch({ type: 'typing/changed', room, user, until });
        const until = Date.now() + TYPING_MS;
        dispatch(until);
        setTimeout(() => {
            if (this.#chat.store.state.typing[room]?.[user] === until) dispatch(0);
        }, TYPING_MS);
    }

    #watch(state) {
        if (!state.synced || !this.#chat.socket.online) return;
        const ids = new Set([
            ...directRooms(state).flatMap((room) => room.people ?? []),
            ...(state.members[state.active] ?? []).map((member) => member.user),
        ]);
        const users = [...ids].filter((id) => id !== state.me.id).slice(0, WATCHED_MAX).sort();
        const watched = users.join();
        if (watched === this.#watched) return;
        this.#watched = watched;
        this.#chat.socket.request('presence:watch', { users }).then(
            ({ presence }) => this.#chat.store.dispatch({ type: 'presence/changed', presence }), () => {});
    }

    #tell(state) {
        if (this.#chat.socket.online) this.#chat.socket.request('presence:set', { state }).catch(() => {});
    }
}
