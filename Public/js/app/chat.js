import { ChatSocket } from '../net/socket.js';
import { Composing } from './composing.js';
import { History } from './history.js';
import { OutboxSender } from './outbox-sender.js';
import { Reading } from './reading.js';
import { Rooms } from './rooms.js';
import { Session } from './session.js';

/**
 * The application without its looks: one store, one socket, and one object per concern. Views read the store and call
 * these; the socket's events enter here.
 */
export class Chat {
    /** @param {{store: import('../model/store.js').Store, url: string, transport?: import('../net/engine.js').TransportChoice}} options */
    constructor({ store, url, transport }) {
        this.store = store;
        this.socket = new ChatSocket(url, { transport });
        this.session = new Session(this);
        this.history = new History(this);
        this.rooms = new Rooms(this);
        this.outbox = new OutboxSender(this);
        this.composing = new Composing(this);
        this.reading = new Reading(this);

        this.socket.onEvent = (event, data) => this.#events[event]?.(data);
        this.socket.onState = (connection) => store.dispatch({ type: 'connection/changed', connection });
        this.socket.onRefused = (code, message) => this.session.refused(code, message);
    }

    /** What the server tells without being asked. Events of later versions are ignored. */
    #events = {
        'session:ready': (data) => this.session.greeted(data),
        'message:created': (message) => this.history.received(message),
        'room:created': ({ room }) => this.rooms.created(room),
        'room:joined': (data) => this.rooms.joined(data),
        'room:left': (data) => this.rooms.left(data),
        'room:seq': ({ room, last_seq: lastSeq }) => this.history.hinted(room, lastSeq),
        'read:updated': (marker) => this.store.dispatch({ type: 'room/read', marker }),
        'server:moving': ({ in_ms: inMs }) => this.session.moving(inMs),
        'error:fatal': ({ code }) => this.session.refused(code, ''),
    };
}
