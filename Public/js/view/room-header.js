import { others, roomTitle } from '../model/selectors.js';
import { byId, h, iconButton } from './dom.js';
import { icon } from './icons.js';

/** The room's name and topic, and what opens beside the messages. */
export class RoomHeader {
    #toggle;

    /** @param {{toggle: (panel: 'room' | 'search') => void}} actions */
    constructor({ toggle }) {
        this.#toggle = toggle;
    }

    /** @param {State} state @param {'room' | 'search' | null} panel which is open */
    draw(state, panel) {
        const head = byId('room-head');
        const room = state.rooms[state.active];
        // A link, not history.back(): it must lead to the list also when the room was opened from a bookmark.
        const back = h('a', { class: 'quiet back', href: '#/', 'aria-label': 'All rooms' }, icon('back'));
        if (!room) {
            head.replaceChildren(back, h('div', { class: 'titles' }, h('h1', {}, state.active ? '' : 'Chat')));
            return;
        }
        const focused = document.activeElement?.closest('.room-head [data-panel]')?.dataset.panel;
        const button = (name, iconName, label, testId, ...children) => iconButton(iconName, label, () => this.#toggle(name), {
            class: 'toggle', 'aria-expanded': String(panel === name), 'aria-controls': 'panel', 'data-panel': name,
            'data-testid': testId,
        }, ...children);
        const count = state.members[room.id]?.length;
        const topic = room.kind === 'direct' ? others(state, room).map((user) => `@${user.name}`).join(', ') : room.topic;
        head.replaceChildren(...[
            back,
            h('div', { class: 'titles' },
                h('h1', { 'data-testid': 'room-title' }, roomTitle(state, room)),
                room.kind === 'private' && icon('lock'),
                topic && h('p', { class: 'topic', title: topic }, topic)),
            button('search', 'search', 'Search', 'toggle-search'),
            room.joined && button('room', 'people', count === undefined ? 'Members' : `Members, ${count}`, 'toggle-members',
                count !== undefined && h('span', {}, String(count))),
        ].filter(Boolean));
        head.querySelector(`[data-panel="${focused}"]`)?.focus();
    }
}
