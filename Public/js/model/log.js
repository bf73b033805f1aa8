/**
 * One room's messages and the sequence rules that keep them complete.
 *
 * `have` is the highest change of the room up to which everything is here. Rows enter by three doors only:
 * a live event that is exactly the next change, a sync answer that starts where we are, and an older page.
 * What comes too early is held, and the gap before it is fetched.
 *
 * @typedef {Object} Log
 * @property {number} have
 * @property {import('./types.js').Message[]} messages ascending by seq, without holes inside the window
 * @property {import('./types.js').Message[]} held changes beyond a gap, ascending by changed_seq
 * @property {boolean} loaded whether the first answer has arrived
 * @property {boolean} hasBefore older messages exist on the server
 * @property {boolean} loadingBefore
 */

/** Beyond that many rows the oldest are dropped while the reader follows the end; scrolling up loads them again. */
export const MESSAGES_KEPT_MAX = 300;
/** Beyond that many held changes a sync from `have` is cheaper than keeping them. */
const HELD_MAX = 500;

/** @type {Log} */
export const emptyLog = Object.freeze({
    have: 0, messages: [], held: [], loaded: false, hasBefore: false, loadingBefore: false,
});

/**
 * A live change.
 * @param {Log} log @param {import('./types.js').Message} message @returns {Log} the same object if nothing changed
 */
export function receive(log, message) {
    if (message.changed_seq <= log.have) return log;
    if (!log.loaded || message.changed_seq > log.have + 1) return hold(log, message);
    return releaseHeld(advance(log, [message], message.changed_seq));
}

/**
 * The answer to `session:sync` or `room:sync`.
 * @param {Log} log @param {import('./types.js').RoomChanges} changes @returns {Log}
 */
export function synchronize(log, changes) {
    const { from, to, messages, reset } = changes;
    if (reset) {
        // Too far behind: the window is replaced. An answer overtaken by live events is older than what we show.
        if (log.loaded && to < log.have) return log;
        return releaseHeld({
            ...log, have: to, messages: [...messages], loaded: true, loadingBefore: false,
            hasBefore: messages.length > 0 && messages[0].seq > 1,
        });
    }
    if (from > log.have || (log.loaded && to <= log.have)) return log;
    const next = advance(log, messages, to);
    return releaseHeld({ ...next, loaded: true, hasBefore: log.loaded ? log.hasBefore : false });
}

/**
 * An older page, which reaches up to our first message.
 * @param {Log} log @param {{messages: import('./types.js').Message[], has_before: boolean}} page @returns {Log}
 */
export function prepend(log, page) {
    const first = log.messages[0]?.seq ?? Infinity;
    const older = page.messages.filter((message) => message.seq < first);
    return {
        ...log, messages: [...older, ...log.messages], hasBefore: page.has_before, loadingBefore: false,
    };
}

/** Drops old rows, for a reader at the end. @param {Log} log @returns {Log} */
export function trim(log) {
    if (log.messages.length <= MESSAGES_KEPT_MAX || log.loadingBefore) return log;
    return { ...log, messages: log.messages.slice(-MESSAGES_KEPT_MAX * 2 / 3), hasBefore: true };
}

/** How many changes are known to be missing right now. @param {Log} log @returns {number} */
export function missing(log) {
    return log.loaded && log.held.length > 0 ? log.held[0].changed_seq - log.have - 1 : 0;
}

function hold(log, message) {
    if (log.held.length >= HELD_MAX || log.held.some((held) => held.changed_seq === message.changed_seq)) return log;
    const held = [...log.held, message].sort((a, b) => a.changed_seq - b.changed_seq);
    return { ...log, held };
}

function releaseHeld(log) {
    let next = log;
    const held = log.held.filter((message) => {
        if (message.changed_seq > next.have + 1) return true;
        if (message.changed_seq === next.have + 1) next = advance(next, [message], message.changed_seq);
        return false;
    });
    return held.length === log.held.length ? next : { ...next, held };
}

/** Writes rows into the window. The row with the later change wins, whatever order they came in. */
function advance(log, rows, have) {
    let messages = log.messages;
    for (const row of rows) messages = put(messages, row, log.loaded ? log.hasBefore : false);
    return { ...log, messages, have: Math.max(log.have, have) };
}

function put(messages, row, hasBefore) {
    const last = messages.at(-1);
    if (!last || row.seq > last.seq) return [...messages, row];
    const index = messages.findIndex((message) => message.seq >= row.seq);
    if (messages[index].seq === row.seq) {
        if (messages[index].changed_seq >= row.changed_seq) return messages;
        return messages.toSpliced(index, 1, row);
    }
    // A change of a message above the window: the page that brings it will bring its present state.
    if (index === 0 && hasBefore) return messages;
    return messages.toSpliced(index, 0, row);
}
