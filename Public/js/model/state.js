import { emptyLog } from './log.js';

/**
 * The whole state of the page.
 * @typedef {Object} State
 * @property {'starting' | 'setup' | 'join' | 'login' | 'chat' | 'unreachable'} screen
 * @property {string} notice a sentence above the form
 * @property {import('./types.js').User | null} me
 * @property {number} messageBytesMax
 * @property {import('../net/socket.js').ConnectionState} connection
 * @property {{id: string, adapter: 'redis' | 'none'} | null} instance of the present or last connection
 * @property {boolean} synced whether the first `session:sync` has been answered
 * @property {Record<string, import('./types.js').Room>} rooms
 * @property {Record<string, import('./types.js').User>} people
 * @property {Record<string, import('./log.js').Log>} logs
 * @property {Record<string, {user: string, role: string}[]>} members
 * @property {Record<string, 'online' | 'away' | 'offline' | 'unknown'>} presence of the people on screen
 * @property {Record<string, Record<string, number>>} typing until when, by room and user
 * @property {Record<string, number>} activity when something was last heard in a room, for the order of direct rooms
 * @property {string | null} active id of the room on screen
 * @property {{room: string, seq: number} | null} target a message the address names, until it is on screen
 * @property {{room: string, seq: number} | null} divider where "New" stood when the room was opened
 * @property {string | null} keptUnread a room marked unread by hand: looking at it does not read it
 * @property {boolean} following whether the reader is at the end of the log
 * @property {import('./outbox.js').Entry[]} outbox
 * @property {{type: 'reply' | 'edit', room: string, message: import('./types.js').Message} | null} draft what the field is for
 * @property {{text: string, tone?: 'bad' | 'warn'} | null} toast a sentence about something that happened
 */

/** @type {State} */
export const initialState = Object.freeze({
    screen: 'starting',
    notice: '',
    me: null,
    messageBytesMax: 8192,
    connection: { status: 'idle', transport: null, reason: '', attempt: 0, retryAt: null, roundTripMs: null },
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

/** @param {State} state @param {string} room @returns {import('./log.js').Log} */
export function logOf(state, room) {
    return state.logs[room] ?? emptyLog;
}
