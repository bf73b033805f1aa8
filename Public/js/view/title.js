import { calls, roomTitle, unreadTotal } from '../model/selectors.js';

/** The window's title and icon say how much is unread. @param {State} state */
export function drawTitle(state) {
    const room = state.rooms[state.active];
    const unread = unreadTotal(state);
    const name = room ? `${roomTitle(state, room)} – Chat` : 'Chat';
    const title = unread > 0 ? `(${unread}) ${name}` : name;
    if (document.title !== title) document.title = title;
    const icon = document.querySelector('link[rel="icon"]');
    const called = Object.values(state.rooms).some((one) => calls(one) > 0);
    const address = called ? '/favicon-called.svg' : unread > 0 ? '/favicon-unread.svg' : '/favicon.svg';
    if (icon.getAttribute('href') !== address) icon.setAttribute('href', address);
}
