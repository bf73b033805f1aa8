import { Engine, joinPayloads, splitPayload } from './packets.js';

/**
 * Engine.IO over HTTP long-polling: one GET always waits for packets, one POST at a time carries ours.
 */
export class PollingTransport {
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
