import { logOf } from '../model/state.js';

/** The end must have been on screen for that long, in a page somebody looks at, to count as read. */
const SEEN_MS = 1_000;

/** Moves my read marker. It is one number on the server; this only says "up to here". */
export class Reading {
    #chat;
    #timer = null;

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        for (const event of ['focus', 'blur', 'visibilitychange']) addEventListener(event, () => this.consider());
        chat.store.subscribe(() => this.consider());
    }

    /** Starts, keeps or stops the wait, as the state says. */
    consider() {
        if (!this.#unreadInView()) {
            clearTimeout(this.#timer);
            this.#timer = null;
        } else {
            this.#timer ??= setTimeout(() => {
                this.#timer = null;
                this.#mark();
            }, SEEN_MS);
        }
    }

    #unreadInView() {
        const { active, rooms, following, keptUnread } = this.#chat.store.state;
        const room = rooms[active];
        return Boolean(room?.joined && following && keptUnread !== active && room.unread > 0 && logOf(this.#chat.store.state, active).loaded
            && document.visibilityState === 'visible' && document.hasFocus() && this.#chat.socket.online);
    }

    async #mark() {
        if (!this.#unreadInView()) return;
        const { active } = this.#chat.store.state;
        const seq = logOf(this.#chat.store.state, active).have;
        try {
            const marker = await this.#chat.socket.request('read:set', { room: active, seq });
            this.#chat.store.dispatch({ type: 'room/read', marker });
        } catch {
            // The marker is sent again with the next message or connection; nothing is lost but a number.
        }
    }
}
