import * as logs from './log.js';
import * as outbox from './outbox.js';

/** @type {State} */
export const initialState = Object.freeze({
    screen: 'starting',
    notice: '',
    me: null,
    messageBytesMax: 8192,
    imageBytesMax: 0,
    imagesMax: 0,
    images: {},
    connection: { status: 'idle', transport: null, reason: '', attempt: 0, roundTripMs: null },
    instance: null,
    synced: false,
    rooms: {},
    people: {},
    logs: {},
    members: {},
    presence: {},
    typing: {},
    activity: {},
    favourites: [],
    emoji: [],
    active: null,
    target: null,
    divider: null,
    keptUnread: null,
    following: true,
    outbox: [],
    draft: null,
    toast: null,
});

/** @param {State} state @param {string} room @returns {Log} */
export function logOf(state, room) {
    return state.logs[room] ?? logs.emptyLog;
}

/** While others talk, the page is drawn that often: a busy room is still read, and costs a tenth. */
const BUSY_DRAW_MS = 100;

/**
 * The one place that holds state. Subscribers hear once per frame and read the latest state: a burst of changes costs
 * one drawing. What others say may wait a little longer, what I do may not.
 */
export class Store {
    #state = initialState;
    #subscribers = new Set();
    #schedule;
    #now;
    #cancel = null;
    #patient = false;
    #drawnAt = -Infinity;

    /**
     * @param {{schedule?: (run: () => void, afterMs: number) => (() => void), now?: () => number}} [options] `schedule`
     *   calls `run` not before `afterMs`, and returns what calls it off
     */
    constructor({ schedule = inMicrotask, now = () => performance.now() } = {}) {
        this.#schedule = schedule;
        this.#now = now;
    }

    /** @returns {State} */
    get state() {
        return this.#state;
    }

    /** @param {Action} action */
    dispatch(action) {
        const next = reduce(this.#state, action);
        if (next === this.#state) return;
        this.#state = next;
        const patient = Boolean(action.shared);
        if (this.#cancel && (patient || !this.#patient)) return;
        this.#cancel?.();
        this.#patient = patient;
        const waitMs = patient ? Math.max(0, this.#drawnAt + BUSY_DRAW_MS - this.#now()) : 0;
        this.#cancel = this.#schedule(() => {
            this.#cancel = null;
            this.#drawnAt = this.#now();
            for (const subscriber of this.#subscribers) subscriber(this.#state);
        }, waitMs);
    }

    /** @param {(state: State) => void} subscriber */
    subscribe(subscriber) {
        this.#subscribers.add(subscriber);
    }
}

function inMicrotask(run) {
    let wanted = true;
    queueMicrotask(() => wanted && run());
    return () => { wanted = false; };
}

/** A piece of the application or of the page, with short ways to what all of them need. */
export class Part {
    /** @param {Chat} chat */
    constructor(chat) {
        this.chat = chat;
    }

    /** @returns {State} */
    get state() {
        return this.chat.store.state;
    }

    get online() {
        return this.chat.socket.online;
    }

    /** @param {string} type @param {object} [fields] of the action */
    dispatch(type, fields) {
        this.chat.store.dispatch({ type, ...fields });
    }

    /** @type {ChatSocket['request']} */
    request(event, payload) {
        return this.chat.socket.request(event, payload);
    }
}

/** Every change of the state, by the type of the action. Pure. @param {State} state @param {Action} action @returns {State} */
export function reduce(state, action) {
    const handler = handlers[action.type];
    if (!handler) throw new Error(`unknown action ${action.type}`);
    return handler(state, action);
}

const handlers = {
    'screen/shown': (state, { screen, notice = '' }) => ({ ...state, screen, notice }),
    'session/began': (state, { me }) => ({ ...state, screen: 'chat', notice: '', me }),
    // Nothing of one person stays on the screen for the next.
    'session/ended': () => initialState,
    'toast/shown': (state, { toast }) => ({ ...state, toast }),
    'favourites/changed': (state, { favourites }) => ({ ...state, favourites }),
    'emoji/loaded': (state, { emoji }) => ({ ...state, emoji }),

    'connection/changed': (state, { connection }) => ({ ...state, connection }),
    'instance/greeted': (state, { me, instance, adapter, limits = {} }) => ({
        ...state, me, instance: { id: instance, adapter }, messageBytesMax: limits.message_bytes ?? state.messageBytesMax,
        imageBytesMax: limits.attachment_bytes ?? 0, imagesMax: limits.attachments ?? 0,
    }),

    'session/synced': sessionSynced,
    'room/synced': (state, { changes }) => applyChanges(state, changes),
    'room/updated': (state, { room }) => withRoom(state, room.id, room),
    'room/opened': roomOpened,
    'room/left': roomLeft,
    'room/read': roomRead,
    'members/loaded': (state, { room, members, presence }) => ({
        ...addPeople(state, members.map((member) => member.user)),
        members: { ...state.members, [room]: members.map(({ user, role }) => ({ user: user.id, role })) },
        presence: { ...state.presence, ...presence },
    }),
    'member/joined': (state, { room, user, role = 'member' }) => withMembers(state, room, (members) => (
        members.some((member) => member.user === user) ? members : [...members, { user, role }])),
    'member/left': (state, { room, user }) => withMembers(state, room,
        (members) => members.filter((member) => member.user !== user)),
    'member/updated': (state, { room, user, role }) => {
        const next = withMembers(state, room,
            (members) => members.map((member) => (member.user === user ? { user, role } : member)));
        return user === state.me?.id && state.rooms[room] ? withRoom(next, room, { role }) : next;
    },
    'people/loaded': (state, { people }) => addPeople(state, people),
    'presence/changed': (state, { presence }) => ({ ...state, presence: { ...state.presence, ...presence } }),
    'typing/changed': typingChanged,

    'message/received': messageReceived,
    'page/requested': (state, { room, place }) => withLog(state, room, (log) => logs.awaitPage(log, place)),
    'page/failed': (state, { room }) => withLog(state, room, logs.forgetPage),
    'page/loaded': (state, { room, page }) => withLog(state, room, (log) => logs.takePage(log, page)),
    'reader/moved': (state, { following }) => (state.following === following ? state : { ...state, following }),
    'target/reached': (state) => ({ ...state, target: null }),
    'divider/cleared': (state) => ({ ...state, divider: null }),

    'outbox/loaded': outboxLoaded,
    'outbox/put': (state, { entry }) => settle({ ...state, outbox: outbox.put(state.outbox, entry) }, entry.room),
    'outbox/removed': (state, { clientId }) => ({ ...state, outbox: outbox.remove(state.outbox, clientId) }),
    'outbox/hastened': (state) => ({ ...state, outbox: outbox.hasten(state.outbox) }),
    'draft/changed': (state, { draft }) => ({ ...state, draft }),
    'images/changed': (state, { room, images }) => ({ ...state, images: { ...state.images, [room]: images } }),
};

function sessionSynced(state, { answer }) {
    const rooms = Object.fromEntries(answer.rooms.map((room) => [room.id, room]));
    // A log of a room that is not ours any more would never be synced again, so it must not be shown either.
    const kept = Object.fromEntries(Object.entries(state.logs).filter(([id]) => rooms[id]?.joined));
    const people = Object.fromEntries(answer.people.map((user) => [user.id, user]));
    const next = {
        ...state, synced: true, me: answer.me ?? state.me, rooms, people: { ...state.people, ...people }, logs: kept,
    };
    return answer.changes.reduce(applyChanges, next);
}

function applyChanges(state, changes) {
    if (!state.rooms[changes.room]?.joined) return state;
    return withLog(state, changes.room, (log) => logs.synchronize(log, changes));
}

function roomOpened(state, { room: id, seq }) {
    const target = seq ? { room: id, seq } : null;
    if (id === state.active) return { ...state, target };
    const room = state.rooms[id];
    const divider = room?.joined && room.unread > 0 && room.read_seq > 0 ? { room: id, seq: room.read_seq } : null;
    return { ...state, active: id, target, divider, keptUnread: null, following: true, draft: null };
}

function roomLeft(state, { room: id }) {
    const { [id]: _log, ...kept } = state.logs;
    const { [id]: room, ...others } = state.rooms;
    if (!room) return { ...state, logs: kept };
    if (room.kind === 'private') return { ...state, logs: kept, rooms: others };
    const left = { ...room, joined: false, role: null, unread: 0, mentions: 0 };
    return { ...state, logs: kept, rooms: { ...others, [id]: left } };
}

function roomRead(state, { marker }) {
    const room = state.rooms[marker.room];
    // Markers only move forward, unless a person moved one back; an answer that was overtaken is old news.
    if (!room || (marker.read_seq < room.read_seq && !marker.forced)) return state;
    const { read_seq, unread, mentions } = marker;
    const next = withRoom(state, room.id, { read_seq, unread, mentions });
    if (!marker.forced || state.active !== room.id) return next;
    return { ...next, keptUnread: room.id, divider: { room: room.id, seq: read_seq } };
}

function typingChanged(state, { room, user, until }) {
    if (user === state.me?.id) return state;
    const { [user]: _before, ...others } = state.typing[room] ?? {};
    return { ...state, typing: { ...state.typing, [room]: until ? { ...others, [user]: until } : others } };
}

function messageReceived(state, { message, heardAt, shared = false }) {
    const room = state.rooms[message.room];
    if (!room?.joined) return state;
    const change = shared ? asShared(message, state.me?.id) : message;
    let next = withRoom(state, room.id, count(room, message, state.me?.id));
    next = { ...next, activity: { ...state.activity, [room.id]: heardAt } };
    if (message.author && state.typing[room.id]?.[message.author]) {
        next = typingChanged(next, { room: room.id, user: message.author });
    }
    return withLog(next, room.id, (log) => logs.receive(log, change));
}

/** `reaction:updated` has no message of its own: its body is a reaction. */
function asShared(message, me) {
    if (!me) return message;
    const { user, emoji, added, message: _id, ...row } = message;
    if (emoji === undefined) return { ...message, shared: me };
    return { ...row, patch: true, shared: me, ...(user === me ? { mine: { emoji, added } } : {}) };
}

/** Unread follows from the ordinals, so a repeated or late event cannot count twice. */
function count(room, message, me) {
    const last_seq = Math.max(room.last_seq, message.changed_seq);
    if (!message.n || message.n <= room.msg_count) return { last_seq };
    if (message.author === me) return { last_seq, msg_count: message.n, unread: 0, mentions: 0, read_seq: message.seq };
    const called = message.mentions?.includes(me) ? 1 : 0;
    return {
        last_seq, msg_count: message.n, unread: room.unread + message.n - room.msg_count, mentions: room.mentions + called,
    };
}

function outboxLoaded(state, { entries }) {
    // Another tab's list knows nothing of the attempt this tab is making.
    const under = new Map(state.outbox.filter((entry) => entry.state === 'sending' || entry.state === 'sent')
        .map((entry) => [entry.client_id, entry]));
    const merged = entries.filter((entry) => entry.author === state.me?.id)
        .map((entry) => under.get(entry.client_id) ?? entry);
    const sent = [...under.values()].filter((entry) => !merged.some((one) => one.client_id === entry.client_id));
    return settle({ ...state, outbox: [...merged, ...sent].sort((a, b) => a.created_at - b.created_at) });
}

function withRoom(state, id, change) {
    return { ...state, rooms: { ...state.rooms, [id]: { ...state.rooms[id], ...change } } };
}

function withMembers(state, room, change) {
    if (!state.members[room]) return state;
    return { ...state, members: { ...state.members, [room]: change(state.members[room]) } };
}

function addPeople(state, users) {
    const people = Object.fromEntries(users.map((user) => [user.id, user]));
    const me = people[state.me?.id] ?? state.me;
    return { ...state, me, people: { ...state.people, ...people } };
}

function withLog(state, room, change) {
    const before = logOf(state, room);
    let after = change(before);
    if (after === before) return state;
    if (state.active !== room || state.following) after = logs.trim(after);
    return settle({ ...state, logs: { ...state.logs, [room]: after } }, room);
}

/** A message that is in the log, or below its window, has left the outbox, in every tab and on every device. */
function settle(state, room) {
    if (state.outbox.length === 0) return state;
    const arrived = (entry) => {
        if (room !== undefined && entry.room !== room) return false;
        const log = logOf(state, entry.room);
        if (entry.state === 'sent' && (log.hasAfter || !log.loaded)) return true;
        return log.messages.some((m) => m.client_id === entry.client_id && m.author === entry.author);
    };
    const left = state.outbox.filter((entry) => !arrived(entry));
    return left.length === state.outbox.length ? state : { ...state, outbox: left };
}
