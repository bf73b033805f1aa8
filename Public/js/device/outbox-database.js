/**
 * The outbox on disk, shared by all tabs. Where IndexedDB is refused (private windows) it lives as long as the page:
 * sending must not depend on storage.
 */
export class OutboxDatabase {
    #opening = null;

    /** @returns {Promise<Entry[]>} */
    async all() {
        return (await this.#run('readonly', (entries) => entries.getAll())) ?? [];
    }

    /** @param {Entry} entry */
    async put(entry) {
        await this.#run('readwrite', (entries) => entries.put(entry));
    }

    /** @param {string} clientId */
    async remove(clientId) {
        await this.#run('readwrite', (entries) => entries.delete(clientId));
    }

    async #run(mode, act) {
        this.#opening ??= open();
        const database = await this.#opening;
        if (!database) return undefined;
        return new Promise((resolve) => {
            const transaction = database.transaction('entries', mode);
            const request = act(transaction.objectStore('entries'));
            transaction.oncomplete = () => resolve(request.result);
            transaction.onabort = () => resolve(undefined);
        });
    }
}

function open() {
    return new Promise((resolve) => {
        try {
            const request = indexedDB.open('chat-outbox', 1);
            request.onupgradeneeded = () => request.result.createObjectStore('entries', { keyPath: 'client_id' });
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => resolve(null);
        } catch {
            resolve(null);
        }
    });
}
