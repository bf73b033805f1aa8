/** Engine.IO over WebSocket: one frame, one packet. */
export class WebSocketTransport {
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
