/**
 * The two packet formats, one inside the other: Engine.IO 4 (the connection) carries Socket.IO 5 (events).
 */

/** Engine.IO packet types: the first character of every packet. */
export const Engine = Object.freeze({
    open: '0', close: '1', ping: '2', pong: '3', message: '4', upgrade: '5', noop: '6',
});

/** Socket.IO packet types: the first character of an Engine.IO message. */
export const Socket = Object.freeze({
    connect: '0', disconnect: '1', event: '2', acknowledgement: '3', connectError: '4',
});

/** The polling transport joins packets with the record separator. */
const SEPARATOR = '\x1e';

/** Thrown for bytes that are not a packet; closes the connection. */
export class PacketError extends Error {}

/** @param {string} payload body of a polling response @returns {string[]} Engine.IO packets in order */
export function splitPayload(payload) {
    return payload === '' ? [] : payload.split(SEPARATOR);
}

/**
 * Joins packets into as few request bodies as `bytesMax` allows. One over the limit goes alone: the server refuses it
 * with a reason.
 * @param {string[]} packets
 * @param {number} bytesMax the server's `maxPayload`
 * @returns {string[]} request bodies
 */
export function joinPayloads(packets, bytesMax) {
    const encoder = new TextEncoder();
    const payloads = [];
    let current = '';
    let bytes = 0;
    for (const packet of packets) {
        const size = encoder.encode(packet).length;
        if (current !== '' && bytes + 1 + size > bytesMax) {
            payloads.push(current);
            current = '';
            bytes = 0;
        }
        bytes += size + (current === '' ? 0 : 1);
        current = current === '' ? packet : current + SEPARATOR + packet;
    }
    if (current !== '') payloads.push(current);
    return payloads;
}

/** @param {SocketPacket} packet @returns {string} the Socket.IO packet, without the Engine.IO type in front */
export function encodePacket({ type, namespace = '/', id, data }) {
    return type
        + (namespace === '/' ? '' : `${namespace},`)
        + (id === undefined ? '' : String(id))
        + (data === undefined ? '' : JSON.stringify(data));
}

/**
 * @param {string} text a Socket.IO packet
 * @returns {SocketPacket}
 * @throws {PacketError} for malformed packets and for binary ones, which this server never sends to a browser
 */
export function decodePacket(text) {
    const type = text[0];
    if (!Object.values(Socket).includes(type)) throw new PacketError(`unknown packet type ${text.slice(0, 1)}`);
    const [, namespace, digits, json] = /^(?:(\/[^,]*),)?(\d*)([^]*)$/.exec(text.slice(1));
    const packet = { type, namespace: namespace ?? '/' };
    if (digits !== '') packet.id = Number(digits);
    if (json !== '') {
        try {
            packet.data = JSON.parse(json);
        } catch {
            throw new PacketError('packet data is not JSON');
        }
    }
    check(packet);
    return packet;
}

/** What the types promise about their data, so that readers need no checks of their own. */
function check({ type, id, data }) {
    switch (type) {
    case Socket.event:
        if (!Array.isArray(data) || typeof data[0] !== 'string') throw new PacketError('event without a name');
        break;
    case Socket.acknowledgement:
        if (id === undefined || !Array.isArray(data)) throw new PacketError('acknowledgement without id or data');
        break;
    case Socket.connect:
    case Socket.connectError:
        if (data !== undefined && (typeof data !== 'object' || data === null)) throw new PacketError('bad connect data');
        break;
    }
}

const WEBSOCKET_OPEN_MS_MAX = 4_000;
/** After that long an upgrade is given up and polling stays. */
const PROBE_MS_MAX = 5_000;

/**
 * One Engine.IO 4 session, from handshake to close. It is not reused: a reconnect makes a new one.
 *
 * Calls, in this order: `onOpen` once or never, `onMessage` while open, `onTransport` at open and after an upgrade,
 * `onClose` exactly once unless `close()` was called.
 */
export class EngineSession {
    onOpen = () => {};
    /** @type {(data: string) => void} */ onMessage = () => {};
    /** @type {(name: 'websocket' | 'polling') => void} */ onTransport = () => {};
    /** @type {(reason: string) => void} */ onClose = () => {};

    #url;
    #choice;
    #make;
    #transport = null;
    #probe = null;
    #state = 'new'; // new → opening → open → closed
    #upgrading = false;
    #held = [];
    #heartbeat = null;
    #heartbeatMs = 45_000;
    #timer = null;

    /**
     * @param {string} url absolute URL of the endpoint, e.g. `https://host/socket.io/`
     * @param {{transport?: TransportChoice, make?: {websocket: Function, polling: Function}}} [options]
     */
    constructor(url, options = {}) {
        this.#url = url;
        this.#choice = options.transport ?? 'auto';
        this.#make = options.make ?? {
            websocket: (u) => new WebSocketTransport(u),
            polling: (u) => new PollingTransport(u),
        };
    }

    open() {
        this.#state = 'opening';
        if (this.#choice === 'auto') this.#openWebSocket();
        else this.#openPolling();
    }

    /** Queues a message; while an upgrade is under way it waits for its end, so nothing is sent on two paths. */
    send(data) {
        if (this.#state !== 'open') return;
        const packet = Engine.message + data;
        if (this.#upgrading) this.#held.push(packet);
        else this.#transport.send(packet);
    }

    close() {
        if (this.#state === 'closed') return;
        const wasOpen = this.#state === 'open';
        this.#end();
        if (wasOpen && this.#transport.name === 'websocket') this.#transport.send(Engine.close);
        this.#transport?.close();
    }

    #openWebSocket() {
        const transport = this.#make.websocket(`${this.#url}?EIO=4&transport=websocket`);
        const fallBack = () => {
            transport.close();
            if (this.#state === 'opening' && this.#transport === transport) this.#openPolling();
        };
        this.#timer = setTimeout(fallBack, WEBSOCKET_OPEN_MS_MAX);
        this.#use(transport, fallBack);
        transport.open();
    }

    #openPolling() {
        clearTimeout(this.#timer);
        const transport = this.#make.polling(`${this.#url}?EIO=4&transport=polling`);
        this.#use(transport, (reason) => this.#fail(reason));
        transport.open();
    }

    #use(transport, onCloseWhileOpening) {
        this.#transport = transport;
        transport.onPacket = (packet) => {
            if (this.#transport === transport) this.#receive(packet);
        };
        transport.onClose = (reason) => {
            if (this.#transport !== transport) return;
            if (this.#state === 'opening') onCloseWhileOpening(reason);
            else this.#fail(reason);
        };
    }

    #receive(packet) {
        if (this.#state === 'closed') return;
        this.#watchHeartbeat();
        switch (packet[0]) {
        case Engine.open: return this.#opened(packet.slice(1));
        case Engine.ping: return this.#transport.send(Engine.pong + packet.slice(1));
        case Engine.message: return this.#state === 'open' ? this.onMessage(packet.slice(1)) : undefined;
        case Engine.close: return this.#fail('closed by the server');
        case Engine.noop: return undefined;
        default: return this.#fail('unexpected packet');
        }
    }

    #opened(json) {
        let handshake;
        try {
            handshake = JSON.parse(json);
        } catch {
            return this.#fail('bad handshake');
        }
        clearTimeout(this.#timer);
        this.#state = 'open';
        this.#heartbeatMs = handshake.pingInterval + handshake.pingTimeout;
        this.#transport.identify(handshake.sid, handshake.maxPayload);
        this.#watchHeartbeat();
        this.onTransport(this.#transport.name);
        this.onOpen();
        if (this.#transport.name === 'polling' && this.#choice !== 'polling'
            && handshake.upgrades?.includes('websocket')) this.#upgrade(handshake.sid);
        return undefined;
    }

    /** The server pings; when it has been silent for interval + timeout, the connection is dead whatever TCP says. */
    #watchHeartbeat() {
        clearTimeout(this.#heartbeat);
        this.#heartbeat = setTimeout(() => this.#fail('the server is silent'), this.#heartbeatMs);
    }

    /**
     * "2probe" → "3probe" on the WebSocket, polling pauses, "5" makes the switch. Any failure before the "5" leaves
     * polling in charge, which is a working connection.
     */
    #upgrade(sid) {
        const polling = this.#transport;
        const probe = this.#make.websocket(
            `${this.#url}?EIO=4&transport=websocket&sid=${encodeURIComponent(sid)}`);
        this.#probe = probe;
        const giveUp = () => {
            clearTimeout(timer);
            probe.close();
            if (this.#probe === probe) this.#probe = null;
        };
        const timer = setTimeout(() => { if (!this.#upgrading) giveUp(); }, PROBE_MS_MAX);
        probe.onOpen = () => probe.send(`${Engine.ping}probe`);
        probe.onClose = () => {
            // Past the pause there is no polling loop to fall back to.
            if (this.#upgrading) this.#fail('upgrade failed');
            else giveUp();
        };
        probe.onPacket = async (packet) => {
            if (packet !== `${Engine.pong}probe` || this.#state !== 'open' || this.#upgrading) return;
            this.#upgrading = true;
            await polling.pause();
            if (this.#state !== 'open' || this.#probe !== probe) return;
            clearTimeout(timer);
            probe.send(Engine.upgrade);
            this.#probe = null;
            this.#use(probe, () => {});
            this.#upgrading = false;
            for (const held of this.#held.splice(0)) probe.send(held);
            this.onTransport('websocket');
        };
        probe.open();
    }

    #fail(reason) {
        if (this.#state === 'closed') return;
        this.#end();
        this.#transport?.close();
        this.onClose(reason);
    }

    #end() {
        this.#state = 'closed';
        clearTimeout(this.#timer);
        clearTimeout(this.#heartbeat);
        this.#probe?.close();
        this.#probe = null;
    }
}

/**
 * Engine.IO over HTTP long-polling: one GET always waits for packets, one POST at a time carries ours.
 */
class PollingTransport {
    name = 'polling';
    /** @type {(packet: string) => void} */ onPacket = () => {};
    /** @type {(reason: string) => void} */ onClose = () => {};

    #url;
    #abort = new AbortController();
    #queue = [];
    #sending = null;
    #polling = null;
    #paused = false;
    #closed = false;
    #payloadBytesMax = 1_000_000;

    /** @param {string} url */
    constructor(url) {
        this.#url = url;
    }

    open() {
        this.#poll();
    }

    identify(sid, payloadBytesMax) {
        this.#url += `&sid=${encodeURIComponent(sid)}`;
        this.#payloadBytesMax = payloadBytesMax;
    }

    /** Never blocks, never reorders: packets given while a POST is under way leave together in the next one. */
    send(packet) {
        this.#queue.push(packet);
        this.#flush();
    }

    /**
     * Stops between two requests, so that no packet is in flight when the WebSocket takes over. The server answers
     * the waiting GET with a noop.
     */
    async pause() {
        this.#paused = true;
        await this.#sending;
        await this.#polling;
    }

    close() {
        if (this.#closed) return;
        this.#closed = true;
        this.#queue.push(Engine.close);
        // keepalive lets the goodbye survive the page; the waiting GET would only hold the connection.
        this.#post(this.#queue.join('\x1e'), { keepalive: true }).catch(() => {});
        this.#abort.abort();
    }

    async #poll() {
        while (!this.#closed && !this.#paused) {
            this.#polling = this.#pollOnce();
            if (!await this.#polling) return;
        }
    }

    /** @returns {Promise<boolean>} whether to go on */
    async #pollOnce() {
        try {
            const response = await fetch(this.#url, { signal: this.#abort.signal, cache: 'no-store' });
            if (!response.ok) return this.#fail(`polling answered ${response.status}`);
            for (const packet of splitPayload(await response.text())) {
                if (this.#closed) return false;
                this.onPacket(packet);
            }
            return true;
        } catch {
            return this.#fail('polling failed');
        }
    }

    #flush() {
        if (this.#sending || this.#closed) return;
        this.#sending = this.#drain().finally(() => { this.#sending = null; });
    }

    async #drain() {
        while (this.#queue.length > 0 && !this.#closed) {
            const packets = this.#queue;
            this.#queue = [];
            for (const payload of joinPayloads(packets, this.#payloadBytesMax)) {
                try {
                    const response = await this.#post(payload, { signal: this.#abort.signal });
                    if (!response.ok) return void this.#fail(`polling answered ${response.status}`);
                } catch {
                    return void this.#fail('polling failed');
                }
            }
        }
    }

    #post(body, options) {
        return fetch(this.#url, {
            method: 'POST', headers: { 'content-type': 'text/plain;charset=UTF-8' }, body, ...options,
        });
    }

    #fail(reason) {
        if (!this.#closed) {
            this.#closed = true;
            this.#abort.abort();
            this.onClose(reason);
        }
        return false;
    }
}

/** Engine.IO over WebSocket: one frame, one packet. */
class WebSocketTransport {
    name = 'websocket';
    /** @type {(packet: string) => void} */ onPacket = () => {};
    /** @type {(reason: string) => void} */ onClose = () => {};
    /** Called when the WebSocket itself is open (the handshake packet follows, or we probe). */ onOpen = () => {};

    #url;
    #socket = null;
    #closed = false;

    /** @param {string} url with scheme http(s) */
    constructor(url) {
        this.#url = url.replace(/^http/, 'ws');
    }

    open() {
        this.#socket = new WebSocket(this.#url);
        this.#socket.onopen = () => this.onOpen();
        this.#socket.onmessage = (event) => {
            if (this.#closed) return;
            if (typeof event.data === 'string') this.onPacket(event.data);
            else this.#fail('unexpected binary frame');
        };
        this.#socket.onclose = (event) => this.#fail(event.wasClean ? 'closed by the server' : 'connection lost');
    }

    identify() {}

    send(packet) {
        if (this.#socket?.readyState === 1) this.#socket.send(packet);
    }

    close() {
        this.#closed = true;
        this.#socket?.close();
    }

    #fail(reason) {
        if (this.#closed) return;
        this.close();
        this.onClose(reason);
    }
}
