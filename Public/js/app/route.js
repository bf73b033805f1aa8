/**
 * What the address says. Rooms are in the fragment, so that a link, a reload and the back button all mean a room and
 * the server serves one page. Secrets (the setup token, an invite's code) are there too: a fragment is never sent or
 * logged.
 */

/**
 * @typedef {{page: 'list'} | {page: 'room', room: string, seq?: number} | {page: 'setup' | 'invite', token: string}} Route
 */

/** @param {string} [hash] @returns {Route} */
export function routeOf(hash = location.hash) {
    const secret = /^#(setup|invite)=([\w-]*)$/.exec(hash);
    if (secret) return { page: secret[1], token: secret[2] };
    const room = /^#\/room\/([\w-]+)(?:\/(\d+))?$/.exec(hash);
    if (!room) return { page: 'list' };
    return { page: 'room', room: room[1], ...(room[2] ? { seq: Number(room[2]) } : {}) };
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
