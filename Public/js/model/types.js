/**
 * What the server sends and what the store keeps. Types only.
 *
 * @typedef {{id: string, name: string, display_name: string, role: string, disabled: boolean}} User
 *
 * @typedef {Object} Room
 * @property {string} id
 * @property {'public' | 'private' | 'direct'} kind
 * @property {string | null} name
 * @property {string} topic
 * @property {number} last_seq
 * @property {number} msg_count
 * @property {number} read_seq
 * @property {number} unread
 * @property {number} mentions
 * @property {string | null} role
 * @property {boolean} joined
 * @property {string[]} [people] members of a direct room
 * @property {string} created_at
 * @property {string | null} archived_at
 *
 * @typedef {Object} Message
 * @property {string} id
 * @property {string} room
 * @property {number} seq its place in the room, for ever
 * @property {number | null} n ordinal among the messages that count as unread
 * @property {number} changed_seq number of its last change
 * @property {'text' | 'joined' | 'left' | 'created'} kind
 * @property {string | null} author
 * @property {string | null} client_id
 * @property {string} body
 * @property {string} at RFC 3339
 * @property {string | null} edited_at
 * @property {string | null} deleted_at
 *
 * @typedef {{room: string, from: number, to: number, messages: Message[], reset: boolean}} RoomChanges
 */
export {};
