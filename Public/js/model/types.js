/**
 * What the server sends and what the store keeps. Types only. The server leaves fields without a value out.
 *
 * @typedef {{id: string, name: string, display_name: string, role: string, disabled: boolean, deleted?: boolean}} User
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
 * @property {'owner' | 'moderator' | 'member'} [role]
 * @property {boolean} joined
 * @property {'all' | 'mentions' | 'nothing' | 'hidden'} [notify_level]
 * @property {string[]} [people] members of a direct room
 * @property {string} created_at
 * @property {string} [last_at] when the latest message was written
 * @property {string} [archived_at]
 *
 * @typedef {{emoji: string, count: number, users: string[], me?: boolean}} Reaction
 *
 * @typedef {Object} Message
 * @property {string} id
 * @property {string} room
 * @property {number} seq its place in the room, for ever
 * @property {number} [n] ordinal among the messages that count as unread
 * @property {number} changed_seq number of its last change
 * @property {string} kind `text`, or what happened to the room
 * @property {string} [author]
 * @property {string} [client_id]
 * @property {string} body
 * @property {string} at RFC 3339
 * @property {string} [edited_at]
 * @property {string} [deleted_at]
 * @property {string} [deleted_by]
 * @property {Reply} [reply]
 * @property {Reaction[]} [reactions]
 * @property {string[]} [mentions] ids
 * @property {string} [target] whom an event is about
 * @property {string} [detail] the new name, topic or role
 *
 * @typedef {{seq: number, author: string, body: string, deleted?: boolean}} Reply the message that is answered
 * @typedef {{room: string, from: number, to: number, messages: Message[], reset: boolean}} RoomChanges
 * @typedef {{messages: Message[], has_before: boolean, has_after: boolean}} Page
 */
export {};
