import { ChatSocket } from '../net/socket.js';
import { Composing } from './composing.js';
import { History } from './history.js';
import { Messages } from './messages.js';
import { Notifications } from './notifications.js';
import { OutboxSender } from './outbox-sender.js';
import { Presence } from './presence.js';
import { Reading } from './reading.js';
import { Rooms } from './rooms.js';
import { Session } from './session.js';

/**
 * The application without its looks: one store, one socket, and one object per concern. Views read the store and call
 * these; the socket's events enter here.
 */
export class Chat {
    /** @param {{store: Store, url: string, transport?: TransportChoice}} options */
    constructor({ store, url, transport }) {
        this.store = store;
        this.socket = new ChatSocket(url, { transport });
        this.session = new Session(this);
        this.history = new History(this);
        this.messages = new Messages(this);
        this.rooms = new Rooms(this);
        this.outbox = new OutboxSender(this);
        this.composing = new Composing(this);
        this.reading = new Reading(this);
        this.presence = new Presence(this);
        this.notifications = new Notifications(this);

        this.socket.onEvent = (event, data) => this.#events[event]?.(data);
        this.socket.onState = (connection) => store.dispatch({ type: 'connection/changed', connection });
        this.socket.onRefused = (code, message) => this.session.refused(code, message);
    }

    /** @param {string} text a sentence for the person @param {'bad' | 'warn'} [tone] */
    say(text, tone) {
        this.store.dispatch({ type: 'toast/shown', toast: { text, tone } });
    }

    /** Tells a person why something did not work; to be given to `catch`. @type {(error: Error) => void} */
    fail = (error) => this.say(error.message, 'bad');

    /** What the server tells without being asked. Events of later versions are ignored. */
    #events = {
        'session:ready': (data) => this.session.greeted(data),
        'message:created': (message) => {
            this.history.received(message, { shared: true });
            this.notifications.consider(message);
        },
        'message:updated': (message) => this.history.received(message, { shared: true }),
        'message:deleted': (message) => this.history.received(message, { shared: true }),
        'reaction:updated': (change) => this.history.received(change, { shared: true }),
        'room:created': ({ room }) => this.rooms.heardOf(room),
        'room:updated': ({ room }) => this.rooms.heardOf(room),
        'room:archived': ({ room }) => this.rooms.heardOf(room),
        'room:joined': (data) => this.rooms.joined(data),
        'room:left': (data) => this.rooms.left(data),
        'room:seq': ({ room, last_seq: lastSeq }) => this.history.hinted(room, lastSeq),
        'member:updated': (change) => this.store.dispatch({ type: 'member/updated', ...change }),
        'user:updated': ({ user }) => this.store.dispatch({ type: 'people/loaded', people: [user] }),
        'read:updated': (marker) => this.store.dispatch({ type: 'room/read', marker }),
        'typing:updated': (typing) => this.presence.typing(typing),
        'presence:updated': ({ user, state }) => (
            this.store.dispatch({ type: 'presence/changed', presence: { [user]: state } })),
        'server:moving': ({ in_ms: inMs }) => this.session.moving(inMs),
        'error:fatal': ({ code, message }) => this.session.fatal(code, message),
        notice: ({ level, text, from }) => this.say(from ? `${from}: ${text}` : text, level),
    };
}
