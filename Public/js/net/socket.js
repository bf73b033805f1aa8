import { backoff } from '../model/outbox.js';
import { decodePacket, encodePacket, EngineSession, PacketError, Socket } from './engine.js';

/** How long a request waits for its acknowledgement. */
const REQUEST_MS_MAX = 8_000;
/** How long CONNECT waits for its answer once the transport is open. */
const CONNECT_MS_MAX = 8_000;
const RECONNECT_FIRST_MS = 500;
const RECONNECT_LIMIT_MS = 10_000;

/** A request that got no `{ok:true}`: the server's reason, or ours (`timeout`, `disconnected`). */
export class RequestError extends Error {
    /** @param {{code: string, message: string, field?: string, retryable?: boolean, retry_ms?: number}} error */
    constructor({ code, message, field, retryable = false, retry_ms: retryMs }) {
        super(message);
        this.name = 'RequestError';
        Object.assign(this, { code, field, retryable, retryMs });
    }
}

/**
 * A Socket.IO 5 client for the main namespace that reconnects until it is stopped or refused. It never buffers: what
 * must survive a lost connection lives in the outbox, and what need not must not arrive late.
 */
export class ChatSocket {
    /** @type {(event: string, data: any) => void} */ onEvent = () => {};
    /** @type {(state: ConnectionState) => void} */ onState = () => {};
    /** A CONNECT was refused with a code. Return true to try again. @type {(code: string, message: string) => boolean} */
    onRefused = () => false;

    #url;
    #transport;
    #engine = null;
    #timer = null;
    #connectTimer = null;
    #requests = new Map();
    #nextRequest = 0;
    #state = { status: 'idle', transport: null, reason: '', attempt: 0, roundTripMs: null };

    /** @param {string} url absolute URL of the Engine.IO endpoint @param {{transport?: TransportChoice}} [options] */
    constructor(url, options = {}) {
        this.#url = url;
        this.#transport = options.transport ?? 'auto';
    }

    get online() {
        return this.#state.status === 'online';
    }

    connect() {
        if (this.#state.status === 'online' || this.#state.status === 'connecting') return;
        clearTimeout(this.#timer);
        this.#open();
    }

    /** Stops for good (until the next `connect`). @param {string} reason */
    disconnect(reason) {
        clearTimeout(this.#timer);
        this.#drop();
        this.#abandonRequests();
        this.#set({ status: 'idle', transport: null, reason });
    }

    /** What is known from outside: this connection is dead. @param {string} reason */
    interrupt(reason) {
        if (this.online) this.#lost(reason);
    }

    /** Leaves this connection for a new one at once: another instance may get it. @param {string} reason */
    reconnect(reason) {
        this.disconnect(reason);
        this.connect();
    }

    /**
     * Sends an event and waits for the acknowledgement.
     * @param {string} event
     * @param {object} [payload]
     * @param {{timeoutMs?: number}} [options]
     * @returns {Promise<any>} `data` of `{ok:true, data}`
     * @throws {RequestError}
     */
    request(event, payload = {}, { timeoutMs = REQUEST_MS_MAX } = {}) {
        if (!this.online) return Promise.reject(disconnected());
        const id = this.#nextRequest++;
        const startedAt = performance.now();
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                this.#requests.delete(id);
                reject(new RequestError({ code: 'timeout', message: 'The server did not answer.', retryable: true }));
            }, timeoutMs);
            this.#requests.set(id, {
                settle: (answer) => {
                    clearTimeout(timer);
                    this.#set({ roundTripMs: Math.max(1, Math.round(performance.now() - startedAt)) });
                    if (answer?.ok === true) resolve(answer.data);
                    else reject(new RequestError(answer?.error ?? { code: 'internal', message: 'Unclear answer.' }));
                },
                abandon: () => {
                    clearTimeout(timer);
                    reject(disconnected());
                },
            });
            this.#engine.send(encodePacket({ type: Socket.event, id, data: [event, payload] }));
        });
    }

    /** Sends an event nobody waits for; without a connection it is dropped. @param {string} event @param {object} payload */
    emit(event, payload) {
        if (this.online) this.#engine.send(encodePacket({ type: Socket.event, data: [event, payload] }));
    }

    #open() {
        const engine = new EngineSession(this.#url, { transport: this.#transport });
        this.#engine = engine;
        const current = () => this.#engine === engine;
        engine.onOpen = () => {
            this.#connectTimer = setTimeout(() => current() && this.#lost('no answer to connect'), CONNECT_MS_MAX);
            engine.send(encodePacket({ type: Socket.connect }));
        };
        engine.onTransport = (transport) => current() && this.#set({ transport });
        engine.onMessage = (data) => current() && this.#receive(data);
        engine.onClose = (reason) => current() && this.#lost(reason);
        this.#set({ status: 'connecting' });
        engine.open();
    }

    #receive(text) {
        let packet;
        try {
            packet = decodePacket(text);
        } catch (error) {
            if (error instanceof PacketError) return this.#lost(error.message);
            throw error;
        }
        if (packet.namespace !== '/') return undefined;
        switch (packet.type) {
        case Socket.connect:
            clearTimeout(this.#connectTimer);
            return this.#set({ status: 'online', attempt: 0, reason: '' });
        case Socket.connectError: return this.#refused(packet.data);
        case Socket.disconnect: return this.#lost('disconnected by the server');
        case Socket.event: return this.onEvent(packet.data[0], packet.data[1]);
        case Socket.acknowledgement: {
            const request = this.#requests.get(packet.id);
            this.#requests.delete(packet.id);
            return request?.settle(packet.data[0]);
        }
        }
        return undefined;
    }

    #refused(error) {
        const code = error?.data?.code ?? 'internal';
        if (this.onRefused(code, error?.message ?? '')) return this.#lost(`refused: ${code}`);
        this.#drop();
        return this.#set({ status: 'refused', transport: null, reason: `refused: ${code}` });
    }

    #lost(reason) {
        this.#drop();
        this.#abandonRequests();
        const { attempt } = this.#state;
        const waitMs = backoff(attempt, { firstMs: RECONNECT_FIRST_MS, limitMs: RECONNECT_LIMIT_MS });
        this.#timer = setTimeout(() => this.#open(), waitMs);
        this.#set({
            status: 'waiting', transport: null, reason, attempt: attempt + 1,
        });
    }

    #drop() {
        clearTimeout(this.#connectTimer);
        const engine = this.#engine;
        this.#engine = null;
        engine?.close();
    }

    #abandonRequests() {
        const requests = [...this.#requests.values()];
        this.#requests.clear();
        for (const request of requests) request.abandon();
    }

    #set(change) {
        this.#state = { ...this.#state, ...change };
        this.onState(this.#state);
    }
}

function disconnected() {
    return new RequestError({ code: 'disconnected', message: 'You are not connected.', retryable: true });
}
