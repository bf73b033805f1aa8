import { Part } from '../model/state.js';
import { call } from '../net/rest.js';
import { ChatSocket } from '../net/socket.js';
import { Notifications, Presence, Reading } from './attention.js';
import { History, Messages, Rooms } from './rooms.js';
import { Composing, OutboxSender } from './sending.js';

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
        this.socket.onRefused = (code) => this.session.refused(code);
    }

    /**
     * @param {string} text a sentence for the person @param {'bad' | 'warn' | 'info'} [tone]
     * @param {boolean} [lasting] until it is closed
     */
    say(text, tone, lasting) {
        this.store.dispatch({ type: 'toast/shown', toast: { text, tone, lasting } });
    }

    /** Tells a person why something did not work; to be given to `catch`. @type {(error: Error) => void} */
    fail = (error) => this.say(error.message, 'bad');

    #heard = (change) => this.history.received(change, { shared: true });
    #heardOf = ({ room }) => this.rooms.heardOf(room);

    /** What the server tells without being asked. Events of later versions are ignored. */
    #events = {
        'session:ready': (data) => this.session.greeted(data),
        'message:created': (message) => {
            this.#heard(message);
            this.notifications.consider(message);
        },
        'message:updated': this.#heard,
        'message:deleted': this.#heard,
        'reaction:updated': this.#heard,
        'room:created': this.#heardOf,
        'room:updated': this.#heardOf,
        'room:archived': this.#heardOf,
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
        'error:fatal': ({ code }) => this.session.fatal(code),
        notice: ({ level, text, from }) => this.say(from ? `${from}: ${text}` : text, level, true),
    };
}

/** After that long in the background everything is asked for again: timers and sockets may have been frozen. */
const HIDDEN_MS_MAX = 60_000;
/** While the page is seen, the connection is tried that often. */
const PROBE_INTERVAL_MS = 25_000;
/** A connection that is left waits that long for what it owes. */
const LEAVE_MS_MAX = 5_000;
/** So many times "another instance" is tried before we accept that there is only one. */
const MOVES_MAX = 12;

/** Who I am, and the life of the connection. */
class Session extends Part {
    #hiddenAt = null;
    #syncing = null;
    #move = null;
    #movingTimer = null;

    /** Called once, and again by "Try again". */
    async start() {
        try {
            // A question whose answer is never a 401, so that a page whose session is over logs no error.
            const { me } = await call('GET', '/setup');
            if (!me) return location.replace(`/login/${location.hash}`);
            this.dispatch('session/began', { me });
            this.chat.outbox.load();
            this.chat.rooms.loadFavourites();
            this.chat.composing.loadEmoji().catch(() => {});
            this.chat.rooms.followAddress();
            this.chat.socket.connect();
        } catch (error) {
            this.dispatch('screen/shown', { screen: 'unreachable', notice: error.message });
        }
        return undefined;
    }

    async logOut() {
        try {
            await call('DELETE', '/sessions/current');
        } catch (error) {
            if (error.status !== 401) return this.chat.say(`Could not log out: ${error.message}`, 'bad');
        }
        return this.#end('');
    }

    watchPage() {
        addEventListener('online', () => this.#wake());
        // Nobody tells an open WebSocket that the network is gone.
        addEventListener('offline', () => this.chat.socket.interrupt('there is no network'));
        addEventListener('pageshow', (event) => {
            if (!event.persisted) return;
            // The back button after a log out shows this page as it was left.
            if (this.state.screen === 'starting') this.start();
            else this.#wake();
        });
        document.addEventListener('visibilitychange', () => {
            if (document.hidden) {
                this.#hiddenAt = Date.now();
            } else {
                const hiddenMs = this.#hiddenAt === null ? 0 : Date.now() - this.#hiddenAt;
                this.#wake();
                if (hiddenMs > HIDDEN_MS_MAX && this.online) this.synchronize();
            }
        });
        setInterval(() => { if (!document.hidden) this.probe(); }, PROBE_INTERVAL_MS);
    }

    /** `session:ready`: from here on the socket hears its rooms, so answers and live events leave nothing out. */
    greeted({ me, instance, adapter, limits }) {
        clearTimeout(this.#movingTimer);
        this.dispatch('instance/greeted', { me, instance, adapter, limits });
        if (this.#goOnMoving(instance)) return;
        this.synchronize();
        this.chat.presence.restart();
    }

    /** Asks for all rooms and for what changed in the ones we hold. Calls while one is under way share its answer. */
    synchronize() {
        this.#syncing ??= this.#synchronizeOnce().finally(() => { this.#syncing = null; });
        return this.#syncing;
    }

    async #synchronizeOnce() {
        const { logs, active } = this.state;
        const have = Object.entries(logs).filter(([, log]) => log.loaded).map(([id, log]) => [id, log.have]);
        try {
            const answer = await this.request('session:sync', {
                rooms: Object.fromEntries(have), ...(active ? { active } : {}),
            });
            this.dispatch('session/synced', { answer });
            this.chat.rooms.afterSync();
            this.chat.history.fillGaps();
            this.chat.outbox.hasten();
        } catch (error) {
            // A lost connection synchronizes when it is back; a server that cannot answer is asked again.
            if (error.code !== 'disconnected' && this.online) {
                setTimeout(() => this.online && this.synchronize(), error.retryMs ?? 2_000);
            }
        }
    }

    /** A request that changes nothing and measures the round trip. */
    probe() {
        const { active, rooms } = this.state;
        if (!this.online) return;
        const asked = rooms[active]?.joined ? this.request('message:list', { room: active, limit: 1 }) : this.request('room:list');
        asked.catch(() => {});
    }

    /** The instance is about to stop: leave when it asks to, so that not all leave together. @param {number} inMs */
    moving(inMs) {
        clearTimeout(this.#movingTimer);
        this.#movingTimer = setTimeout(() => this.#leave(Date.now() + LEAVE_MS_MAX), inMs);
    }

    /** What is being sent is acknowledged first. */
    #leave(deadline) {
        const owed = this.state.outbox.some((entry) => entry.state === 'sending') && Date.now() < deadline;
        if (owed) this.#movingTimer = setTimeout(() => this.#leave(deadline), 50);
        else this.chat.socket.reconnect('moved to another instance');
    }

    /** Connects again until another instance answers. */
    moveToAnotherInstance() {
        const { instance } = this.state;
        if (!instance || !this.online) return;
        this.#move = { from: instance.id, left: MOVES_MAX };
        this.chat.socket.reconnect('moving on request');
    }

    /** @returns {boolean} whether this connection was left again */
    #goOnMoving(instance) {
        if (!this.#move) return false;
        this.#move.left -= 1;
        const still = instance === this.#move.from;
        if (still && this.#move.left > 0) {
            this.chat.socket.reconnect('moving on request');
            return true;
        }
        if (still) this.chat.say(`Only ${instance} answered: there seems to be no other instance.`, 'warn');
        this.#move = null;
        return false;
    }

    /** A connection was refused. @param {string} code @returns {boolean} whether to try again */
    refused(code) {
        if (!['unauthenticated', 'forbidden', 'banned'].includes(code)) return true;
        this.fatal(code);
        return false;
    }

    /** `error:fatal`: the server ends this for good. @param {string} code */
    fatal(code) {
        this.#end(code === 'forbidden' || code === 'banned' ? '#barred' : '#ended');
    }

    /** @param {string} why names a text of the log-in page */
    #end(why) {
        this.chat.socket.disconnect('logged out');
        this.dispatch('session/ended');
        location.replace(`/login/${why}`);
    }

    #wake() {
        if (this.state.screen === 'chat') this.chat.socket.connect();
    }
}
