import { emptyLog } from './log.js';

/** @type {State} */
export const initialState = Object.freeze({
    screen: 'starting',
    notice: '',
    me: null,
    messageBytesMax: 8192,
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
    return state.logs[room] ?? emptyLog;
}
