/**
 * One room's messages and the sequence rules that keep them complete.
 *
 * `have` is the highest change of the room up to which everything is known. Changes enter by two doors only: a live
 * event that is exactly the next one, and a sync answer that starts where we are. What comes too early is held, and the
 * gap before it is fetched.
 *
 * `messages` is a window without holes, which pages widen. Changes outside of it count as known, because a page brings
 * the present state; those that happen while it is on its way are written over it.
 */

/** So many rows are kept; scrolling loads the others again. */
export const MESSAGES_KEPT_MAX = 300;
/** Beyond that many held changes a sync from `have` is cheaper than keeping them. */
const HELD_MAX = 500;

/** @type {Log} */
export const emptyLog = Object.freeze({
    have: 0, messages: [], held: [], loaded: false, hasBefore: false, hasAfter: false, loading: null, aside: [],
});

/** A live change. @param {Log} log @param {Change} change @returns {Log} the same object if nothing changed */
export function receive(log, change) {
    if (change.changed_seq <= log.have) return log;
    if (!log.loaded || change.changed_seq > log.have + 1) return hold(log, change);
    return releaseHeld(advance(log, [change], change.changed_seq));
}

/** The answer to `session:sync` or `room:sync`. @param {Log} log @param {RoomChanges} changes @returns {Log} */
export function synchronize(log, { from, to, messages, reset }) {
    if (reset) {
        // Too far behind: the window is replaced. An answer overtaken by live events is older than what we show.
        if (log.loaded && to < log.have) return log;
        return releaseHeld({
            ...emptyLog, held: log.held, have: to, messages: [...messages], loaded: true,
            hasBefore: messages.length > 0 && messages[0].seq > 1,
        });
    }
    if (from > log.have || (log.loaded && to <= log.have)) return log;
    return releaseHeld({ ...advance(log, messages, to), loaded: true });
}

/** @param {Log} log @param {Place} place @returns {Log} */
export function awaitPage(log, place) {
    return { ...log, loading: place, aside: [] };
}

/** @param {Log} log @returns {Log} */
export function forgetPage(log) {
    return { ...log, loading: null, aside: [] };
}

/** The page that `awaitPage` announced. @param {Log} log @param {Page} page @returns {Log} */
export function takePage(log, page) {
    const { messages: own, loading: place, aside } = log;
    const next = forgetPage(log);
    if (place === 'before') {
        next.messages = [...page.messages.filter((message) => !own.length || message.seq < own[0].seq), ...own];
    } else if (place === 'after') {
        next.messages = [...own, ...page.messages.filter((message) => !own.length || message.seq > own.at(-1).seq)];
    } else {
        next.messages = [...page.messages];
    }
    if (place !== 'after') next.hasBefore = page.has_before;
    if (place !== 'before') next.hasAfter = page.has_after;
    for (const change of aside) write(next, change);
    if (next.messages.length > MESSAGES_KEPT_MAX && place === 'before') {
        next.messages.length = MESSAGES_KEPT_MAX;
        next.hasAfter = true;
    }
    return next.messages.length > MESSAGES_KEPT_MAX ? keepNewest(next, MESSAGES_KEPT_MAX) : next;
}

/** Drops old rows, for a reader at the end. @param {Log} log @returns {Log} */
export function trim(log) {
    if (log.messages.length <= MESSAGES_KEPT_MAX || log.loading || log.hasAfter) return log;
    return keepNewest(log, MESSAGES_KEPT_MAX * 2 / 3);
}

/** How many changes are known to be missing right now. @param {Log} log @returns {number} */
export function missing(log) {
    return log.loaded && log.held.length > 0 ? log.held[0].changed_seq - log.have - 1 : 0;
}

function keepNewest(log, count) {
    return { ...log, messages: log.messages.slice(-count), hasBefore: true };
}

function hold(log, change) {
    if (log.held.length >= HELD_MAX || log.held.some((held) => held.changed_seq === change.changed_seq)) return log;
    const held = [...log.held, change].sort((a, b) => a.changed_seq - b.changed_seq);
    return { ...log, held };
}

function releaseHeld(log) {
    let next = log;
    const held = log.held.filter((change) => {
        if (change.changed_seq > next.have + 1) return true;
        if (change.changed_seq === next.have + 1) next = advance(next, [change], change.changed_seq);
        return false;
    });
    return held.length === log.held.length ? next : { ...next, held };
}

function advance(log, changes, have) {
    const next = { ...log, have: Math.max(log.have, have) };
    for (const change of changes) write(next, change);
    return next;
}

/** Writes into a log nobody else has seen yet. The later change of a row wins, whatever order they came in. */
function write(log, change) {
    const { messages } = log;
    if (log.loading) log.aside = [...log.aside, change];
    const last = messages.at(-1);
    if (!last || change.seq > last.seq) {
        if (!log.hasAfter && !change.patch) log.messages = [...messages, merged(null, change)];
        return;
    }
    const index = messages.findIndex((message) => message.seq >= change.seq);
    const known = messages[index];
    if (known.seq === change.seq) {
        if (known.changed_seq < change.changed_seq) log.messages = messages.toSpliced(index, 1, merged(known, change));
    } else if (!change.patch && (index > 0 || !log.hasBefore)) {
        log.messages = messages.toSpliced(index, 0, merged(null, change));
    }
}

function merged(known, { patch, shared, mine, ...row }) {
    if (!shared || !row.reactions) return patch ? { ...known, ...row } : row;
    const reactions = row.reactions.map((reaction) => {
        const { emoji, count, users } = reaction;
        const before = known?.reactions?.some((one) => one.emoji === emoji && one.me) ?? false;
        // The list of users is cut off; beyond it only our own memory tells.
        const me = mine?.emoji === emoji ? mine.added : users.includes(shared) || (count > users.length && before);
        return { ...reaction, me };
    });
    return { ...(patch ? known : null), ...row, reactions };
}
