import * as logs from './log.js';
import * as outbox from './outbox.js';
import { initialState, logOf } from './state.js';

/**
 * Every change of the state, by the type of the action. Pure: same state and action, same result.
 * @param {import('./state.js').State} state
 * @param {{type: string, [key: string]: any}} action
 * @returns {import('./state.js').State}
 */
export function reduce(state, action) {
    const handler = handlers[action.type];
    if (!handler) throw new Error(`unknown action ${action.type}`);
    return handler(state, action);
}

const handlers = {
    'screen/shown': (state, { screen, notice = '' }) => ({ ...state, screen, notice }),
    'session/began': (state, { me }) => ({ ...state, screen: 'chat', notice: '', me }),
    // Nothing of one person stays in memory for the next.
    'session/ended': (state, { notice }) => ({ ...initialState, screen: 'login', notice, connection: state.connection }),
    'failure/shown': (state, { message }) => ({ ...state, failure: message }),

    'connection/changed': (state, { connection }) => ({ ...state, connection }),
    'instance/greeted': (state, { me, instance, adapter, messageBytesMax }) => ({
        ...state, me, instance: { id: instance, adapter }, messageBytesMax: messageBytesMax ?? state.messageBytesMax,
    }),

    'session/synced': sessionSynced,
    'room/synced': (state, { changes }) => applyChanges(state, changes),
    'room/updated': (state, { room }) => withRoom(state, room.id, room),
    'room/opened': roomOpened,
    'room/left': roomLeft,
    'room/read': roomRead,
    'members/loaded': (state, { room, members }) => ({
        ...addPeople(state, members.map((member) => member.user)),
        members: { ...state.members, [room]: members.map(({ user, role }) => ({ user: user.id, role })) },
    }),
    'member/joined': memberJoined,
    'member/left': (state, { room, user }) => withMembers(state, room,
        (members) => members.filter((member) => member.user !== user)),
    'people/loaded': (state, { people }) => addPeople(state, people),

    'message/received': messageReceived,
    'page/requested': (state, { room }) => withLog(state, room, (log) => ({ ...log, loadingBefore: true })),
    'page/failed': (state, { room }) => withLog(state, room, (log) => ({ ...log, loadingBefore: false })),
    'page/loaded': (state, { room, page }) => withLog(state, room, (log) => logs.prepend(log, page)),
    'reader/moved': (state, { following }) => (state.following === following ? state : { ...state, following }),
    'divider/cleared': (state) => ({ ...state, divider: null }),

    'outbox/loaded': outboxLoaded,
    'outbox/put': (state, { entry }) => ({ ...state, outbox: outbox.put(state.outbox, entry) }),
    'outbox/removed': (state, { clientId }) => ({ ...state, outbox: outbox.remove(state.outbox, clientId) }),
    'outbox/hastened': (state) => ({ ...state, outbox: outbox.hasten(state.outbox) }),
};

function sessionSynced(state, { answer }) {
    const rooms = Object.fromEntries(answer.rooms.map((room) => [room.id, room]));
    // A log of a room that is not ours any more would never be synced again, so it must not be shown either.
    const kept = Object.fromEntries(Object.entries(state.logs).filter(([id]) => rooms[id]?.joined));
    const people = Object.fromEntries(answer.people.map((user) => [user.id, user]));
    const next = { ...state, synced: true, me: answer.me ?? state.me, rooms, people, logs: kept };
    return answer.changes.reduce(applyChanges, next);
}

function applyChanges(state, changes) {
    if (!state.rooms[changes.room]?.joined) return state;
    return withLog(state, changes.room, (log) => logs.synchronize(log, changes));
}

function roomOpened(state, { room: id }) {
    const room = state.rooms[id];
    const divider = room?.joined && room.unread > 0 && room.read_seq > 0 ? { room: id, seq: room.read_seq } : null;
    return { ...state, active: id, divider, following: true };
}

function roomLeft(state, { room: id }) {
    const { [id]: _log, ...kept } = state.logs;
    const room = state.rooms[id];
    if (!room) return { ...state, logs: kept };
    const rooms = { ...state.rooms, [id]: { ...room, joined: false, role: null, unread: 0, mentions: 0 } };
    return { ...state, logs: kept, rooms };
}

function roomRead(state, { marker }) {
    const room = state.rooms[marker.room];
    // Markers only move forward; an answer that was overtaken is old news.
    if (!room || marker.read_seq < room.read_seq) return state;
    const { read_seq, unread, mentions } = marker;
    return withRoom(state, room.id, { read_seq, unread, mentions });
}

function memberJoined(state, { room, user }) {
    return withMembers(state, room, (members) => (
        members.some((member) => member.user === user) ? members : [...members, { user, role: 'member' }]));
}

function messageReceived(state, { message, heardAt }) {
    const room = state.rooms[message.room];
    if (!room?.joined) return state;
    const counted = withRoom(state, room.id, count(room, message, state.me?.id));
    const active = { ...counted, activity: { ...state.activity, [room.id]: heardAt } };
    return withLog(active, room.id, (log) => logs.receive(log, message));
}

/** Unread follows from the ordinals, so a repeated or late event cannot count twice. */
function count(room, message, me) {
    const last_seq = Math.max(room.last_seq, message.changed_seq);
    if (!message.n || message.n <= room.msg_count) return { last_seq };
    if (message.author === me) return { last_seq, msg_count: message.n, unread: 0, mentions: 0, read_seq: message.seq };
    return { last_seq, msg_count: message.n, unread: room.unread + message.n - room.msg_count };
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
    return { ...state, people: { ...state.people, ...people } };
}

function withLog(state, room, change) {
    const before = logOf(state, room);
    let after = change(before);
    if (after === before) return state;
    if (state.active !== room || state.following) after = logs.trim(after);
    return settle({ ...state, logs: { ...state.logs, [room]: after } }, room);
}

/** A message that is in the log has left the outbox, on every device and in every tab of its author. */
function settle(state, room) {
    if (state.outbox.length === 0) return state;
    const arrived = (entry) => (room === undefined || entry.room === room)
        && logOf(state, entry.room).messages.some((m) => m.client_id === entry.client_id && m.author === entry.author);
    const left = state.outbox.filter((entry) => !arrived(entry));
    return left.length === state.outbox.length ? state : { ...state, outbox: left };
}
