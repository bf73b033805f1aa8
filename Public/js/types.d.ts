/**
 * The types of the whole client, for editors and for `tsc --checkJs`: browsers never load this file. What the server sends
 * leaves fields without a value out.
 */

type Chat = import('./app/chat.js').Chat;
type Store = import('./model/state.js').Store;
type MessageLog = import('./view/log.js').MessageLog;
type ApiError = import('./net/rest.js').ApiError;
type ChatSocket = import('./net/socket.js').ChatSocket;

interface User {
    id: string; name: string; display_name: string; role: 'member' | 'moderator' | 'admin' | 'bot';
    disabled: boolean; deleted?: boolean;
}

interface Room {
    id: string;
    kind: 'public' | 'private' | 'direct';
    name?: string;
    topic: string;
    last_seq: number;
    msg_count: number;
    read_seq: number;
    unread: number;
    mentions: number;
    role?: 'owner' | 'moderator' | 'member' | null;
    joined: boolean;
    notify_level?: 'all' | 'mentions' | 'nothing' | 'hidden';
    /** Members of a direct room. */
    people?: string[];
    created_at: string;
    /** When the latest message was written. */
    last_at?: string;
    archived_at?: string | null;
    /** Its members can read what edited messages said before. */
    keeps_versions: boolean;
}

interface Reaction { emoji: string; count: number; users: string[]; me?: boolean }

/** The message that is answered, and how many pictures it has. */
interface Reply { seq: number; author: string; body: string; attachments?: number; deleted?: boolean }

/** An image: of a message it has an `id`, of a draft a `key` of ours and its bytes, on the way all three. */
interface Picture {
    id?: string; key?: string; blob?: Blob; name: string; width: number; height: number; media_type?: string; bytes?: number;
}

interface Message {
    id: string;
    room: string;
    /** Its place in the room, for ever. */
    seq: number;
    /** Ordinal among the messages that count as unread. */
    n?: number;
    /** Number of its last change. */
    changed_seq: number;
    /** `text`, or what happened to the room. */
    kind: string;
    author?: string;
    client_id?: string;
    body: string;
    /** RFC 3339, as all times. */
    at: string;
    edited_at?: string;
    deleted_at?: string;
    deleted_by?: string;
    reply?: Reply;
    reactions?: Reaction[];
    attachments?: Picture[];
    /** Ids. */
    mentions?: string[];
    /** Whom an event is about. */
    target?: string;
    /** The new name, topic or role. */
    detail?: string;
}

/** What an edited message said for a time. */
interface Version { version: number; body: string; at: string }

interface RoomChanges { room: string; from: number; to: number; messages: Message[]; reset: boolean }
interface Page { messages: Message[]; has_before: boolean; has_after: boolean }

/**
 * A row, or for a reaction the part of a row that changed (`patch`). What was sent to everybody cannot say which
 * reactions are mine: it carries my id in `shared`, and `mine` if the reaction that changed is my own.
 */
type Change = Message & { patch?: boolean; shared?: string; mine?: { emoji: string; added: boolean } };

/** Where a page goes: above, below, or instead of what is there. */
type Place = 'before' | 'after' | 'window';

interface Log {
    have: number;
    /** Ascending by seq, without holes inside the window. */
    messages: Message[];
    /** Changes beyond a gap, ascending by changed_seq. */
    held: Change[];
    /** Whether the first answer has arrived. */
    loaded: boolean;
    /** Older messages exist on the server. */
    hasBefore: boolean;
    /** Newer messages exist on the server that the window does not reach. */
    hasAfter: boolean;
    /** The page that is on its way. */
    loading: Place | null;
    /** Changes since it was asked for. */
    aside: Change[];
}

/** What I wrote and the server has not confirmed. */
interface Entry {
    client_id: string;
    /** Who wrote it: another person on this browser must not send it. */
    author: string;
    room: string;
    body: string;
    reply?: Reply;
    attachments?: Picture[];
    /** How much of them is uploaded, from 0 to 1. */
    progress?: number;
    /** Milliseconds since the epoch, as all numbers that are times. */
    created_at: number;
    /** `sent` is confirmed and not yet in the log. */
    state: 'waiting' | 'sending' | 'sent' | 'failed';
    attempts: number;
    /** Do not send before. */
    retry_at: number;
    /** For the person, '' unless failed. */
    error: string;
}

/** The whole state of the page. */
interface State {
    screen: 'starting' | 'chat' | 'unreachable';
    /** Why the chat is unreachable. */
    notice: string;
    me: User | null;
    messageBytesMax: number;
    /** 0 where there are no images. */
    imageBytesMax: number;
    /** Of one message. */
    imagesMax: number;
    /** What is chosen for the next message, by room. */
    images: Record<string, Picture[]>;
    connection: ConnectionState;
    /** Of the present or last connection. */
    instance: { id: string; adapter: 'redis' | 'none' } | null;
    /** Whether the first `session:sync` has been answered. */
    synced: boolean;
    rooms: Record<string, Room>;
    people: Record<string, User>;
    logs: Record<string, Log>;
    members: Record<string, { user: string; role: string }[]>;
    presence: Record<string, 'online' | 'away' | 'offline' | 'unknown'>;
    /** Until when, by room and user. */
    typing: Record<string, Record<string, number>>;
    /** When something was last heard in a room, for the order of direct rooms. */
    activity: Record<string, number>;
    /** Ids of the rooms that stand at the top. */
    favourites: string[];
    /** What the picker offers, `words` with the name in it. */
    emoji: { emoji: string; name: string; words: string }[];
    /** Id of the room on screen. */
    active: string | null;
    /** A message the address names, until it is on screen. */
    target: { room: string; seq: number } | null;
    /** Where "New" stood when the room was opened. */
    divider: { room: string; seq: number } | null;
    /** A room marked unread by hand: looking at it does not read it. */
    keptUnread: string | null;
    /** Whether the reader is at the end of the log. */
    following: boolean;
    outbox: Entry[];
    /** What the field is for, when it is not a new message. */
    draft: { type: 'reply' | 'edit'; room: string; message: Message } | null;
    /** A sentence about something that happened. */
    toast: { text: string; tone?: 'bad' | 'warn' | 'info'; lasting?: boolean } | null;
}

/** `shared` marks what others say: the drawing of it may wait for a moment. */
interface Action { type: string; shared?: boolean; [field: string]: any }

/** What the log shows, top to bottom. `key` names the row, `stamp` changes when it must be drawn again. */
type Row = { key: string; stamp: string } & (
    | { type: 'day'; at: number }
    | { type: 'new' }
    | { type: 'gap'; missing: number }
    /** One entry that is no message, or several that one sentence tells. */
    | { type: 'event'; messages: Message[] }
    | { type: 'message'; message: Message; author: User; lead: boolean }
    | { type: 'pending'; entry: Entry; author: User; lead: boolean });

/** What a row may ask for; `state` is read when the row is drawn. */
interface RowActions {
    state: () => State;
    retry: (clientId: string) => void;
    discard: (clientId: string) => void;
    react: (message: Message, emoji: string) => void;
    pickReaction: (message: Message, anchor: Element) => void;
    showPerson: (user: string) => void;
}

interface RowView { element: HTMLElement; update: (row: Row) => void; stamp?: string; type?: string }

/** What may be completed before the caret. */
interface Started { start: number; trigger: '@' | '#' | ':'; query: string }
interface Offer { label: string; hint: string; text: string; glyph?: string; user?: User }

/** A parsed message. */
type Inline =
    | { type: 'text'; text: string } | { type: 'break' } | { type: 'code'; text: string }
    | { type: 'strong' | 'emphasis' | 'strike'; children: Inline[] }
    | { type: 'link'; href: string; children: Inline[] }
    | { type: 'mention' | 'room'; name: string };
type Block =
    | { type: 'paragraph'; children: Inline[] } | { type: 'codeblock'; text: string; language: string }
    | { type: 'quote'; children: Block[] }
    | { type: 'list'; ordered: boolean; start: number; items: Inline[][] };

/** A row of a picker. */
interface Option {
    key: string;
    label: string;
    /** By which it is found. */
    words: string | string[];
    /** Shown dimmed after the label. */
    hint?: string;
    /** Shown at the end of the row. */
    note?: string;
    /** Whether the note is of no importance. */
    dim?: boolean;
    glyph: () => Node;
    choose?: () => void | Promise<void>;
}

interface Choice {
    title: string;
    placeholder: string;
    /** Shown when nothing matches. */
    empty: string;
    options: () => Option[];
    fail: (error: Error) => void;
    /** With it options are ticked, and a button takes what is ticked. */
    done?: { label: string; choose: (keys: string[]) => void | Promise<void> };
}

interface FormParts {
    fields: any[];
    submit: string;
    send: (fields: Record<string, string>, form: HTMLFormElement) => Promise<any>;
    properties?: object;
}

/**
 * How a connection may be made. `auto` is WebSocket first, then polling with an upgrade. The other two exist to be able
 * to look at a transport: `upgrade` starts with polling on purpose, `polling` stays there.
 */
type TransportChoice = 'auto' | 'upgrade' | 'polling';

interface SocketPacket {
    type: string;
    /** "/" is the main one. */
    namespace?: string;
    /** Of the acknowledgement. */
    id?: number;
    data?: any;
}

interface ConnectionState {
    /** `waiting` is between two attempts. */
    status: 'idle' | 'connecting' | 'online' | 'waiting' | 'refused';
    transport: 'websocket' | 'polling' | null;
    /** Why the last connection ended, '' before the first end. */
    reason: string;
    /** Failed attempts since the last success. */
    attempt: number;
    /** Of the last acknowledged request. */
    roundTripMs: number | null;
}
