import { missing } from './log.js';
import { logOf } from './state.js';

/** Messages of one author closer than that stand under one name. */
const GROUP_MS = 5 * 60_000;

/** @param {import('./state.js').State} state */
export function joinedRooms(state) {
    return Object.values(state.rooms)
        .filter((room) => room.joined && room.kind !== 'direct' && !room.archived_at)
        .sort((a, b) => a.name.localeCompare(b.name));
}

/** @param {import('./state.js').State} state */
export function browsableRooms(state) {
    return Object.values(state.rooms)
        .filter((room) => room.kind === 'public' && !room.archived_at)
        .sort((a, b) => a.name.localeCompare(b.name));
}

/** Latest first. @param {import('./state.js').State} state */
export function directRooms(state) {
    const heard = (room) => state.activity[room.id] ?? Date.parse(room.created_at);
    return Object.values(state.rooms)
        .filter((room) => room.joined && room.kind === 'direct')
        .sort((a, b) => (b.unread > 0) - (a.unread > 0) || heard(b) - heard(a));
}

/** The people of a direct room without me. @returns {import('./types.js').User[]} */
export function others(state, room) {
    const people = (room.people ?? []).filter((id) => id !== state.me?.id);
    return people.map((id) => personOf(state, id));
}

/** Somebody we have not heard of yet still gets a row. @returns {import('./types.js').User} */
export function personOf(state, id) {
    return state.people[id] ?? { id: id ?? '', name: 'unknown', display_name: 'Unknown', role: 'member', disabled: false };
}

/** @returns {string} "#general", or the names of the people */
export function roomTitle(state, room) {
    if (room.kind !== 'direct') return `#${room.name}`;
    return others(state, room).map((user) => user.display_name).join(', ') || `${state.me?.display_name} (you)`;
}

/** @param {import('./state.js').State} state @returns {number} */
export function unreadTotal(state) {
    return Object.values(state.rooms).reduce((sum, room) => sum + (room.joined ? room.unread : 0), 0);
}

/** @param {import('./state.js').State} state @returns {number} written and not confirmed */
export function waitingCount(state) {
    return state.outbox.filter((entry) => entry.state === 'waiting' || entry.state === 'sending').length;
}

/**
 * What the log shows, top to bottom. `key` names the row, `stamp` changes when it must be drawn again.
 * @typedef {{key: string, stamp: string, type: 'day', at: number}
 *   | {key: string, stamp: string, type: 'new'}
 *   | {key: string, stamp: string, type: 'event', message: import('./types.js').Message, author: import('./types.js').User}
 *   | {key: string, stamp: string, type: 'message', message: import('./types.js').Message, author: import('./types.js').User, lead: boolean}
 *   | {key: string, stamp: string, type: 'pending', entry: import('./outbox.js').Entry, author: import('./types.js').User, lead: boolean}
 *   | {key: string, stamp: string, type: 'gap', missing: number}} Row
 * @param {import('./state.js').State} state @param {string} roomId
 * @returns {Row[]}
 */
export function rowsOf(state, roomId) {
    const log = logOf(state, roomId);
    const rows = [];
    let previous = null;
    let day = null;
    const startDay = (at) => {
        const date = new Date(at);
        const key = `day:${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
        if (key === day) return;
        day = key;
        previous = null;
        rows.push({ key, stamp: key, type: 'day', at });
    };
    const leads = (author, at) => {
        const lead = previous === null || previous.author !== author || at - previous.at > GROUP_MS;
        previous = { author, at };
        return lead;
    };
    let dividerSeq = state.divider?.room === roomId ? state.divider.seq : null;

    for (const message of log.messages) {
        const at = Date.parse(message.at);
        startDay(at);
        if (dividerSeq !== null && message.seq > dividerSeq && message.n && message.author !== state.me?.id) {
            rows.push({ key: 'new', stamp: 'new', type: 'new' });
            dividerSeq = null;
            previous = null;
        }
        const author = personOf(state, message.author);
        const named = `${message.changed_seq}:${author.display_name}`;
        if (message.kind === 'text') {
            const lead = leads(message.author, at);
            // My own message keeps the key it had in the outbox, so that it is confirmed in place.
            const key = message.client_id && message.author === state.me?.id ? `c:${message.client_id}` : message.id;
            rows.push({ key, stamp: `${named}:${lead}`, type: 'message', message, author, lead });
        } else {
            previous = null;
            rows.push({ key: message.id, stamp: named, type: 'event', message, author });
        }
    }
    if (missing(log) > 0) {
        rows.push({ key: 'gap', stamp: `gap:${missing(log)}`, type: 'gap', missing: missing(log) });
        previous = null;
    }
    for (const entry of state.outbox) {
        if (entry.room !== roomId) continue;
        startDay(entry.created_at);
        const lead = leads(entry.author, entry.created_at);
        const stamp = `${entry.state}:${entry.error}:${lead}`;
        rows.push({ key: `c:${entry.client_id}`, stamp, type: 'pending', entry, author: state.me, lead });
    }
    return rows;
}
