import { roomTitle } from '../model/selectors.js';
import { byId, h } from './dom.js';

/** What stands in the place of the log when there is none. */
export class Elsewhere {
    #chat;

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
    }

    /** @param {State} state */
    draw(state) {
        const place = byId('elsewhere');
        const room = state.rooms[state.active];
        byId('archived').hidden = !room?.joined || !room.archived_at;
        place.hidden = Boolean(room?.joined) || !state.synced;
        byId('log').parentElement.hidden = !place.hidden;
        if (place.hidden) return;
        if (room) {
            place.replaceChildren(
                h('h2', {}, roomTitle(state, room)),
                h('p', {}, room.archived_at ? 'This room is archived.' : room.topic || 'You are not in this room yet.'),
                room.archived_at ? '' : h('button', {
                    class: 'primary', type: 'button', 'data-testid': 'join-room',
                    on: { click: () => this.#chat.rooms.join(room.id).catch(this.#chat.fail) },
                }, `Join ${roomTitle(state, room)}`));
        } else if (state.active) {
            place.replaceChildren(h('h2', {}, 'There is no such room'),
                h('p', {}, 'It does not exist, or it is not open to you.'), h('a', { href: '#/' }, 'All rooms'));
        } else {
            place.replaceChildren(h('h2', {}, 'Choose a room'), h('p', {}, 'Browse the rooms, or write to somebody.'));
        }
    }
}
