import { calls, directRooms, isMuted, personOf, roomTitle, sumOf, textOf } from '../model/selectors.js';
import { Part, logOf } from '../model/state.js';
import { becomeLeader, keep, kept, listen, tell } from './device.js';

/** The server passes on one of these in three seconds; more would be wasted. */
const TYPING_EVERY_MS = 3_000;
/** Without news somebody has stopped typing. */
const TYPING_MS = 6_000;
/** The server's limit for one request. */
const WATCHED_MAX = 200;
/** In the background for that long is away. */
const AWAY_AFTER_MS = 120_000;

/** Who is there and who is typing; told again after every connection. */
export class Presence extends Part {
    #watched = '';
    #typedAt = 0;
    #awayTimer = null;

    constructor(chat) {
        super(chat);
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
        this.#watch(this.state);
    }

    /** I typed something. @param {string} room */
    typed(room) {
        const now = Date.now();
        if (now - this.#typedAt < TYPING_EVERY_MS) return;
        this.#typedAt = now;
        this.chat.socket.emit('typing:set', { room });
    }

    /** `typing:updated`. Its `until` is by the server's clock, which need not be ours. */
    typing({ room, user }) {
        const dispatch = (until) => this.dispatch('typing/changed', { room, user, until });
        const until = Date.now() + TYPING_MS;
        dispatch(until);
        setTimeout(() => {
            if (this.state.typing[room]?.[user] === until) dispatch(0);
        }, TYPING_MS);
    }

    #watch(state) {
        if (!state.synced || !this.online) return;
        const ids = new Set([
            ...directRooms(state).flatMap((room) => room.people ?? []),
            ...(state.members[state.active] ?? []).map((member) => member.user),
        ]);
        const users = [...ids].filter((id) => id !== state.me.id).slice(0, WATCHED_MAX).sort();
        const watched = users.join();
        if (watched === this.#watched) return;
        this.#watched = watched;
        this.request('presence:watch', { users }).then(
            ({ presence }) => this.dispatch('presence/changed', { presence }), () => {});
    }

    #tell(state) {
        if (this.online) this.request('presence:set', { state }).catch(() => {});
    }
}

/** The end must have been on screen for that long, in a page somebody looks at, to count as read. */
const SEEN_MS = 1_000;

/** Moves my read marker. It is one number on the server; this only says "up to here". */
export class Reading extends Part {
    #timer = null;

    constructor(chat) {
        super(chat);
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
        const { active, rooms, following, keptUnread } = this.state;
        const room = rooms[active];
        return Boolean(room?.joined && following && keptUnread !== active && room.unread > 0 && this.online
            && logOf(this.state, active).loaded && document.visibilityState === 'visible' && document.hasFocus());
    }

    async #mark() {
        if (!this.#unreadInView()) return;
        const { active } = this.state;
        const seq = logOf(this.state, active).have;
        try {
            const marker = await this.request('read:set', { room: active, seq });
            this.dispatch('room/read', { marker });
        } catch {
            // The marker is sent again with the next message or connection; nothing is lost but a number.
        }
    }
}

const BODY_LENGTH_MAX = 140;

/** Tells about messages outside of the page: all tabs hear them, one speaks. */
export class Notifications extends Part {
    #speaks = false;
    #seenElsewhere = new Map();
    #tab = String(Math.random());

    constructor(chat) {
        super(chat);
        becomeLeader('notifications', () => { this.#speaks = true; });
        listen((news) => { if (news.type === 'viewing') this.#seenElsewhere.set(news.tab, news.room); });
        const tellView = () => tell({ type: 'viewing', tab: this.#tab, room: this.#inView() });
        for (const event of ['focus', 'blur', 'pagehide', 'hashchange']) addEventListener(event, tellView);
        let badge = null;
        chat.store.subscribe(({ rooms }) => {
            const waiting = sumOf(rooms, calls);
            if (waiting === badge) return;
            badge = waiting;
            if (waiting > 0) navigator.setAppBadge?.(waiting).catch(() => {});
            else navigator.clearAppBadge?.().catch(() => {});
        });
    }

    /** @returns {boolean} whether the bell is on */
    get enabled() {
        return 'Notification' in globalThis && Notification.permission === 'granted' && kept('setting:bell') !== 'off';
    }

    /** To be called from a click: browsers ask for permission only then. */
    async turnOn() {
        const allowed = 'Notification' in globalThis && await Notification.requestPermission() === 'granted';
        if (!allowed) this.chat.say('This browser does not allow notifications.', 'warn');
        else if (kept('setting:bell') === 'off') keep('setting:bell', '');
    }

    /** `message:created` @param {Message} message */
    consider(message) {
        const { me, rooms } = this.state;
        const room = rooms[message.room];
        if (!this.#speaks || !room?.joined || isMuted(room) || message.kind !== 'text' || message.author === me.id) return;
        const calling = room.kind === 'direct' || message.mentions?.includes(me.id)
            || (kept('setting:bell') === 'all' && room.notify_level === 'all');
        const seen = [this.#inView(), ...this.#seenElsewhere.values()].includes(room.id);
        // Last, because browsers take a millisecond to say what is permitted.
        if (calling && !seen && this.enabled) this.#show(room, message);
    }

    #show(room, message) {
        const { state } = this;
        const author = personOf(state, message.author).display_name;
        const title = room.kind === 'direct' ? author : `${author} in ${roomTitle(state, room)}`;
        // One per room: a newer message replaces the one before.
        const notification = new Notification(title, {
            body: textOf(message).slice(0, BODY_LENGTH_MAX), tag: room.id, icon: '/favicon.svg',
        });
        if (kept('setting:sound') === 'on') chime();
        notification.onclick = () => {
            window.focus();
            this.chat.rooms.open(room.id, message.seq);
            notification.close();
        };
    }

    #inView() {
        return document.hasFocus() ? this.state.active : null;
    }
}

/** Two soft notes; made here, because a file of them would be asked for at the worst moment. */
function chime() {
    const context = new AudioContext();
    const volume = new GainNode(context, { gain: 0.08 });
    volume.connect(context.destination);
    volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.5);
    for (const [frequency, at] of [[660, 0], [880, 0.12]]) {
        const note = new OscillatorNode(context, { frequency });
        note.connect(volume);
        note.start(context.currentTime + at);
        note.stop(context.currentTime + 0.5);
        note.onended = () => at > 0 && context.close();
    }
}
