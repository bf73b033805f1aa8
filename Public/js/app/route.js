/**
 * What the address says. Rooms are in the fragment, so that a link, a reload and the back button all mean a room and
 * the server serves one page. The setup token is there too: a fragment is never sent or logged.
 */

/** @typedef {{page: 'list'} | {page: 'room', room: string} | {page: 'setup', token: string}} Route */

/** @param {string} [hash] @returns {Route} */
export function routeOf(hash = location.hash) {
    const setup = /^#setup=([\w-]+)$/.exec(hash);
    if (setup) return { page: 'setup', token: setup[1] };
    const room = /^#\/room\/([\w-]+)$/.exec(hash);
    return room ? { page: 'room', room: room[1] } : { page: 'list' };
}

/** @param {string} room @returns {string} */
export function addressOf(room) {
    return `#/room/${room}`;
}

/** Replaces the address without a new entry in the history. @param {string} hash */
export function replaceAddress(hash) {
    history.replaceState(history.state, '', hash || location.pathname + location.search);
    dispatchEvent(new HashChangeEvent('hashchange'));
}
