/**
 * What the server sends and what the store keeps. Types only. The server leaves fields without a value out.
 *
 * @typedef {{id: string, name: string, display_name: string, role: string, disabled: boolean}} User
 *
 * @typedef {Object} Room
 * @property {string} id
 * @property {'public' | 'private' | 'direct'} kind
 * @property {string} [name]
 * @property {string} topic
 * @property {number} last_seq
 * @property {number} msg_count
 * @property {number} read_seq
 * @property {number} unread
 * @property {number} mentions
 * @property {string} [role]
 * @property {boolean} joined
 * @property {string[]} [people] members of a direct room
 * @property {string} created_at
 * @property {string} [archived_at]
 *
 * @typedef {Object} Message
 * @property {string} id
 * @property {string} room
 * @property {number} seq its place in the room, for ever
 * @property {number} [n] ordinal among the messages that count as unread
 * @property {number} changed_seq number of its last change
 * @property {'text' | 'joined' | 'left' | 'created'} kind
 * @property {string} [author]
 * @property {string} [client_id]
 * @property {string} body
 * @property {string} at RFC 3339
 * @property {string} [edited_at]
 * @property {string} [deleted_at]
 *
 * @typedef {{room: string, from: number, to: number, messages: Message[], reset: boolean}} RoomChanges
 */
export {};
