/**
 * What I wrote and the server has not confirmed. Pure functions over a list of entries, in the order of writing.
 *
 * An entry is sent with the same `client_id` until there is an answer; the server stores it once. Only an answer that
 * says "never" makes it `failed`, and then the person decides.
 */

/** @returns {Entry} */
export function draftEntry({ clientId, author, room, body, reply, attachments = [], now }) {
    return {
        client_id: clientId, author, room, body, attachments, ...(reply ? { reply } : {}), created_at: now,
        state: 'waiting', attempts: 0, retry_at: 0, error: '',
    };
}

/** @param {Entry[]} entries @param {Entry} entry @returns {Entry[]} */
export function put(entries, entry) {
    const index = entries.findIndex((one) => one.client_id === entry.client_id);
    if (index >= 0) return entries.toSpliced(index, 1, entry);
    return [...entries, entry].sort((a, b) => a.created_at - b.created_at);
}

/** @param {Entry[]} entries @param {string} clientId @returns {Entry[]} */
export function remove(entries, clientId) {
    return entries.filter((entry) => entry.client_id !== clientId);
}

/**
 * What may leave now: per room the first unconfirmed entry, so that a room's order is the order of writing. A failed
 * entry does not hold up the others.
 * @param {Entry[]} entries @param {number} now @returns {Entry[]}
 */
export function due(entries, now) {
    return firstPerRoom(entries).filter((entry) => entry.state === 'waiting' && entry.retry_at <= now);
}

/** When to look again, or null when only an event can change anything. @param {Entry[]} entries @returns {number | null} */
export function nextDue(entries) {
    const times = firstPerRoom(entries).filter((entry) => entry.state === 'waiting').map((entry) => entry.retry_at);
    return times.length > 0 ? Math.min(...times) : null;
}

/** @param {Entry} entry @returns {Entry} */
export function sending(entry) {
    return { ...entry, state: 'sending' };
}

/**
 * The same with a picture that the server has now, or knows no more.
 * @param {Entry} entry @param {string} key @param {string} [id] @returns {Entry}
 */
export function uploaded(entry, key, id) {
    return { ...entry, attachments: entry.attachments.map((one) => (one.key === key ? { ...one, id } : one)) };
}

/**
 * What a failed attempt makes of an entry.
 * @param {Entry} entry
 * @param {{code: string, message: string, retryable?: boolean, retryMs?: number}} error
 * @param {number} now
 * @param {() => number} [random]
 * @returns {Entry}
 */
export function afterError(entry, error, now, random) {
    // An ended session is not the message's fault: it waits for the next log in.
    if (error.retryable || error.code === 'unauthenticated') {
        const waitMs = error.retryMs ?? backoff(entry.attempts, { random });
        return { ...entry, state: 'waiting', attempts: entry.attempts + 1, retry_at: now + waitMs };
    }
    return { ...entry, state: 'failed', attempts: entry.attempts + 1, error: error.message };
}

/** Makes everything that waits due at once: a new connection is a new chance. @param {Entry[]} entries @returns {Entry[]} */
export function hasten(entries) {
    return entries.map((entry) => (entry.state === 'waiting' && entry.retry_at > 0 ? { ...entry, retry_at: 0 } : entry));
}

/** A person's "Retry". @param {Entry} entry @returns {Entry} */
export function retried(entry) {
    return { ...entry, state: 'waiting', retry_at: 0, error: '' };
}

/** What is kept on disk: an attempt under way in a page that died is simply to be made again. @param {Entry} entry */
export function stored(entry) {
    const { progress: _, ...kept } = entry;
    return entry.state === 'sending' ? { ...kept, state: 'waiting' } : kept;
}

function firstPerRoom(entries) {
    const rooms = new Set();
    return entries.filter((entry) => {
        if (entry.state === 'failed' || entry.state === 'sent' || rooms.has(entry.room)) return false;
        rooms.add(entry.room);
        return true;
    });
}

/**
 * Exponential with jitter, so that a restarted fleet is not met by all browsers in the same second.
 * @param {number} attempt 0 for the first retry
 * @param {{firstMs?: number, limitMs?: number, random?: () => number}} [options]
 * @returns {number} milliseconds, between half of and the whole exponential step
 */
export function backoff(attempt, { firstMs = 500, limitMs = 30_000, random = Math.random } = {}) {
    const step = Math.min(limitMs, firstMs * 2 ** attempt);
    return Math.round(step / 2 + random() * step / 2);
}
