/*
 * What this browser keeps and shares. Keys in use: `draft:PERSON:ROOM`, `room:PERSON` (the last one), `favourites:PERSON`,
 * `setting:theme`, `setting:enter`, `setting:bell`,
 * `setting:sound`.
 */

/** @param {string} key @returns {string} '' when nothing is kept, or storage is forbidden */
export function kept(key) {
    try {
        return localStorage.getItem(`chat:${key}`) ?? '';
    } catch {
        return '';
    }
}

/** @param {string} key @param {string} text '' forgets it */
export function keep(key, text) {
    try {
        if (text === '') localStorage.removeItem(`chat:${key}`);
        else localStorage.setItem(`chat:${key}`, text);
    } catch {
        // Full or forbidden: a convenience less.
    }
}

/** Light, dark, or as the system. */
export function applyTheme() {
    document.documentElement.dataset.theme = kept('setting:theme');
}

/** From dark to light and back, whatever it was by. */
export function toggleTheme() {
    const theme = kept('setting:theme') || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    keep('setting:theme', theme === 'dark' ? 'light' : 'dark');
    applyTheme();
}

/** How the tabs of this browser find each other; at worst this tab is alone. */
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('chat') : null;

/** Tells the other tabs. @param {{type: string}} news plain data */
export function tell(news) {
    channel?.postMessage(news);
}

/** @param {(news: {type: string}) => void} listener called for news of other tabs, never for one's own */
export function listen(listener) {
    channel?.addEventListener('message', (event) => listener(event.data));
}

/**
 * Calls back once this tab does a job for all of them, until it closes. Web Locks exist in secure contexts only;
 * elsewhere every tab does the job, which `client_id` makes harmless.
 * @param {string} job @param {() => void} onChosen
 */
export function becomeLeader(job, onChosen) {
    if (!navigator.locks) return void onChosen();
    navigator.locks.request(`chat:${job}`, () => {
        onChosen();
        return new Promise(() => {});
    });
}

/**
 * Things on disk, shared by all tabs: the outbox, and the pictures of drafts. Where IndexedDB is refused (private windows)
 * they live as long as the page: sending must not depend on storage.
 */
export class Shelf {
    #opening = null;
    #make;

    /** @param {string} name @param {string} key the property that names a thing */
    constructor(name, key) {
        this.#make = () => open(name, key);
    }

    /** @returns {Promise<any[]>} */
    async all() {
        return (await this.#run('readonly', (entries) => entries.getAll())) ?? [];
    }

    /** @param {string} key */
    get(key) {
        return this.#run('readonly', (entries) => entries.get(key));
    }

    /** @param {object} thing */
    put(thing) {
        return this.#run('readwrite', (entries) => entries.put(thing));
    }

    /** @param {string} key */
    remove(key) {
        return this.#run('readwrite', (entries) => entries.delete(key));
    }

    async #run(mode, act) {
        this.#opening ??= this.#make();
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

function open(name, keyPath) {
    return new Promise((resolve) => {
        try {
            const request = indexedDB.open(name, 1);
            request.onupgradeneeded = () => request.result.createObjectStore('entries', { keyPath });
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => resolve(null);
        } catch {
            resolve(null);
        }
    });
}

/*
 * What the address says. Rooms are in the fragment, so that a link, a reload and the back button all mean a room and
 * the server serves one page.
 */

/** The room that the address names, and a message in it. @returns {{room: string | null, seq?: number}} */
export function routeOf() {
    const [, room = null, seq] = /^#\/room\/([\w-]+)(?:\/(\d+))?$/.exec(location.hash) ?? [];
    return { room, ...(seq ? { seq: Number(seq) } : {}) };
}

/** @param {string} room @param {number} [seq] of a message in it @returns {string} */
export function addressOf(room, seq) {
    return `#/room/${room}${seq ? `/${seq}` : ''}`;
}

/** Replaces the address without a new entry in the history. @param {string} hash @param {{quiet?: boolean}} [options] */
export function replaceAddress(hash, { quiet = false } = {}) {
    history.replaceState(history.state, '', hash || location.pathname + location.search);
    if (!quiet) dispatchEvent(new HashChangeEvent('hashchange'));
}
