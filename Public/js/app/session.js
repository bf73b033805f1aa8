import { call } from '../net/rest.js';
import { routeOf, replaceAddress } from './route.js';

/** After that long in the background everything is asked for again: timers and sockets may have been frozen. */
const HIDDEN_MS_MAX = 60_000;
/** While the page is seen, the connection is tried that often. */
const PROBE_INTERVAL_MS = 25_000;
/** A connection that is left waits that long for what it owes. */
const LEAVE_MS_MAX = 5_000;
/** So many times "another instance" is tried before we accept that there is only one. */
const MOVES_MAX = 12;

const ENDED_NOTICES = {
    unauthenticated: 'Your session has ended. Please log in again.',
    forbidden: 'This account may not connect.',
    banned: 'This account may not connect.',
};

/** Who I am, and the life of the connection. */
export class Session {
    #chat;
    #store;
    #hiddenAt = null;
    #syncing = null;
    #move = null;
    #movingTimer = null;

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        this.#store = chat.store;
    }

    /** Finds out which page to show. Called once, and again by "Try again". */
    async start() {
        const show = (screen, notice) => this.#store.dispatch({ type: 'screen/shown', screen, notice });
        try {
            // One question whose answer is never a 401, so that a first visit logs no error.
            const { needed, me } = await call('GET', '/setup');
            const { page } = routeOf();
            if (me) {
                if (page === 'setup' || page === 'invite') replaceAddress('', { quiet: true });
                this.#enter(me);
            } else if (page === 'setup') {
                show('setup');
            } else if (page === 'invite') {
                await this.#showJoin(show);
            } else {
                show('login', needed ? 'This chat has no people yet. Open the link that chatctl printed at its first '
                    + 'start, or run “chatctl user add NAME”.' : '');
            }
        } catch (error) {
            show('unreachable', error.message);
        }
    }

    async #showJoin(show) {
        const { open, invite } = await call('GET', `/signup?invite=${routeOf().token}`);
        if (open || invite?.valid) show('join');
        else show('login', 'This invitation is not valid any more. Ask for a new one, or log in.');
    }

    /** @param {object} fields of the form @throws {ApiError} with a text for the form */
    async logIn(fields) {
        this.#enter((await call('POST', '/sessions', fields)).me);
    }

    /** @param {object} fields of the form @throws {ApiError} with a text for the form */
    async setUp(fields) {
        const { me } = await call('POST', '/setup', { ...fields, token: routeOf().token ?? '' });
        replaceAddress('', { quiet: true });
        this.#enter(me);
    }

    /** @param {object} fields of the form @throws {ApiError} with a text for the form */
    async signUp(fields) {
        const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
        const { token } = routeOf();
        const { me } = await call('POST', '/signup', { ...given, ...(token ? { invite: token } : {}) });
        replaceAddress('', { quiet: true });
        this.#enter(me);
    }

    async logOut() {
        try {
            await call('DELETE', '/sessions/current');
        } catch (error) {
            if (error.status !== 401) {
                return void this.#chat.say(`Could not log out: ${error.message}`, 'bad');
            }
        }
        this.#end('');
    }

    watchPage() {
        addEventListener('online', () => this.#wake());
        // Nobody tells an open WebSocket that the network is gone.
        addEventListener('offline', () => this.#chat.socket.interrupt('there is no network'));
        addEventListener('pageshow', (event) => { if (event.persisted) this.#wake(); });
        document.addEventListener('visibilitychange', () => {
            if (document.hidden) {
                this.#hiddenAt = Date.now();
            } else {
                const hiddenMs = this.#hiddenAt === null ? 0 : Date.now() - this.#hiddenAt;
                this.#wake();
                if (hiddenMs > HIDDEN_MS_MAX && this.#chat.socket.online) this.synchronize();
            }
        });
        setInterval(() => { if (!document.hidden) this.probe(); }, PROBE_INTERVAL_MS);
    }

    /** `session:ready`: from here on the socket hears its rooms, so answers and live events leave nothing out. */
    greeted({ me, instance, adapter, limits }) {
        clearTimeout(this.#movingTimer);
        this.#store.dispatch({
            type: 'instance/greeted', me, instance, adapter, messageBytesMax: limits?.message_bytes,
        });
        if (this.#goOnMoving(instance)) return;
        this.synchronize();
        this.#chat.presence.restart();
    }

    /** Asks for all rooms and for what changed in the ones we hold. Calls while one is under way share its answer. */
    synchronize() {
        this.#syncing ??= this.#synchronizeOnce().finally(() => { this.#syncing = null; });
        return this.#syncing;
    }

    async #synchronizeOnce() {
        const { logs, active } = this.#store.state;
        const have = Object.entries(logs).filter(([, log]) => log.loaded).map(([id, log]) => [id, log.have]);
        try {
            const answer = await this.#chat.socket.request('session:sync', {
                rooms: Object.fromEntries(have), ...(active ? { active } : {}),
            });
            this.#store.dispatch({ type: 'session/synced', answer });
            this.#chat.rooms.afterSync();
            this.#chat.history.fillGaps();
            this.#chat.outbox.hasten();
        } catch (error) {
            // A lost connection synchronizes when it is back; a server that cannot answer is asked again.
            if (error.code !== 'disconnected' && this.#chat.socket.online) {
                setTimeout(() => this.#chat.socket.online && this.synchronize(), error.retryMs ?? 2_000);
            }
        }
    }

    /** A request that changes nothing and measures the round trip. */
    probe() {
        const { active, rooms } = this.#store.state;
        if (!this.#chat.socket.online) return;
        const asked = rooms[active]?.joined
            ? this.#chat.socket.request('message:list', { room: active, limit: 1 })
            : this.#chat.socket.request('room:list');
        asked.catch(() => {});
    }

    /** The instance is about to stop: leave when it asks to, so that not all leave together. */
    moving(inMs) {
        clearTimeout(this.#movingTimer);
        this.#movingTimer = setTimeout(() => this.#leave(Date.now() + LEAVE_MS_MAX), inMs);
    }

    /** What is being sent is acknowledged first. */
    #leave(deadline) {
        const owed = this.#store.state.outbox.some((entry) => entry.state === 'sending') && Date.now() < deadline;
        if (owed) this.#movingTimer = setTimeout(() => this.#leave(deadline), 50);
        else this.#chat.socket.reconnect('moved to another instance');
    }

    /** Connects again until another instance answers. */
    moveToAnotherInstance() {
        const { instance } = this.#store.state;
        if (!instance || !this.#chat.socket.online) return;
        this.#move = { from: instance.id, left: MOVES_MAX };
        this.#chat.socket.reconnect('moving on request');
    }

    /** @returns {boolean} whether this connection was left again */
    #goOnMoving(instance) {
        if (!this.#move) return false;
        this.#move.left -= 1;
        if (instance === this.#move.from && this.#move.left > 0) {
            this.#chat.socket.reconnect('moving on request');
            return true;
        }
        if (instance === this.#move.from) {
            this.#chat.say(`Only ${instance} answered: there seems to be no other instance.`, 'warn');
        }
        this.#move = null;
        return false;
    }

    /** @returns {boolean} whether to try again */
    refused(code) {
        const notice = ENDED_NOTICES[code];
        if (!notice) return true;
        this.#end(notice);
        return false;
    }

    /** `error:fatal`: the server ends this for good. @param {string} code @param {string} [message] */
    fatal(code, message) {
        this.#end(ENDED_NOTICES[code] ?? message ?? 'The server has ended this session.');
    }

    #enter(me) {
        this.#store.dispatch({ type: 'session/began', me });
        this.#chat.outbox.load();
        this.#chat.rooms.followAddress();
        this.#chat.socket.connect();
    }

    #end(notice) {
        this.#chat.socket.disconnect('logged out');
        this.#store.dispatch({ type: 'session/ended', notice });
        if (routeOf().page !== 'list') replaceAddress('');
    }

    #wake() {
        if (this.#store.state.screen === 'chat') this.#chat.socket.connect();
    }
}
