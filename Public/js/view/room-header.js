import { others, roomTitle } from '../model/selectors.js';
import { byId, h } from './dom.js';
import { icon } from './icons.js';

/** The room's name, topic and member count. */
export class RoomHeader {
    #toggleMembers;

    /** @param {{toggleMembers: () => void}} actions */
    constructor({ toggleMembers }) {
        this.#toggleMembers = toggleMembers;
    }

    /** @param {import('../model/state.js').State} state @param {boolean} membersOpen */
    draw(state, membersOpen) {
        const head = byId('room-head');
        const room = state.rooms[state.active];
        // A link, not history.back(): it must lead to the list also when the room was opened from a bookmark.
        const back = h('a', { class: 'quiet back', href: '#/', 'aria-label': 'All rooms' }, icon('back'));
        if (!room) {
            head.replaceChildren(back, h('div', { class: 'titles' }, h('h1', {}, state.active ? '' : 'Chat')));
            return;
        }
        const count = state.members[room.id]?.length;
        const names = others(state, room);
        const topic = room.kind === 'direct' ? names.map((user) => `@${user.name}`).join(', ') : room.topic;
        const label = count === undefined ? 'Members' : `Members, ${count}`;
        const hadFocus = head.querySelector('.members-toggle') === document.activeElement;
        head.replaceChildren(
            back,
            h('div', { class: 'titles' },
                h('h1', { 'data-testid': 'room-title' }, roomTitle(state, room)),
                topic && h('p', { class: 'topic', title: topic }, topic)),
            room.joined && h('button', {
                class: 'quiet members-toggle', type: 'button', 'aria-expanded': String(membersOpen),
                'aria-controls': 'members', 'aria-label': label, title: label, 'data-testid': 'toggle-members',
                on: { click: this.#toggleMembers },
            }, icon('people'), count !== undefined && h('span', {}, String(count))) || '',
        );
        if (hadFocus) head.querySelector('.members-toggle')?.focus();
    }
}
