/**
 * Loads the stock Socket.IO client, built for browsers, into node: what it misses there are an XMLHttpRequest and a
 * FileReader.
 *
 * Run node with --experimental-websocket where WebSocket is not there by itself (before 22).
 */
import { createRequire } from 'node:module';

/** As much of XMLHttpRequest as the client uses, over fetch. */
class FetchRequest {
    withCredentials = false;
    responseType = '';
    readyState = 0;
    status = 0;
    responseText = '';
    onreadystatechange = null;
    #request = null;
    #headers = new Headers();
    #aborter = new AbortController();

    open(method, url) {
        this.#request = { method, url };
        this.readyState = 1;
    }

    setRequestHeader(name, value) {
        this.#headers.append(name, value);
    }

    setDisableHeaderCheck() {}

    async send(body) {
        try {
            const response = await fetch(this.#request.url, {
                method: this.#request.method,
                headers: this.#headers,
                body: body ?? undefined,
                signal: this.#aborter.signal,
            });
            this.status = response.status;
            this.responseText = await response.text();
        } catch {
            this.status = 0;
        }
        if (this.#aborter.signal.aborted) return;
        this.readyState = 4;
        this.onreadystatechange?.();
    }

    getResponseHeader() {
        return null;
    }

    abort() {
        this.#aborter.abort();
    }
}

/** Turns bytes into base64 for polling. */
class DataURLReader {
    onload = null;
    result = null;

    async readAsDataURL(blob) {
        this.result = `data:;base64,${Buffer.from(await blob.arrayBuffer()).toString('base64')}`;
        this.onload?.();
    }
}

/** The `io` of the client in the file `path`. */
export function loadStockClient(path) {
    globalThis.XMLHttpRequest = FetchRequest;
    globalThis.FileReader = DataURLReader;
    return createRequire(import.meta.url)(path);
}

/** Waits for an event and returns its first argument. */
export function once(emitter, event, timeoutMilliseconds = 10_000) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${event} in time`)), timeoutMilliseconds);
        emitter.once(event, (value) => {
            clearTimeout(timer);
            resolve(value);
        });
    });
}
