import { Engine } from './packets.js';
import { PollingTransport } from './polling.js';
import { WebSocketTransport } from './websocket.js';

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
