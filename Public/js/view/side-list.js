import { calls, directRooms, isMuted, joinedRooms, others, roomTitle } from '../model/selectors.js';
import { addressOf } from '../app/route.js';
import { avatar } from './avatar.js';
import { arrange, byId, h, iconButton } from './dom.js';
import { icon } from './icons.js';

/** The rooms on the left. */
export class SideList {
    #items = new Map();
    #rooms;
    #directs;
    #order = [];
    #pointerOver = false;

    /** @param {Chat} chat @param {{browse: () => void, create: () => void, direct: () => void}} open */
    constructor(chat, open) {
        this.#rooms = h('ul', { class: 'room-list', 'data-testid': 'rooms' });
        this.#directs = h('ul', { class: 'room-list', 'data-testid': 'directs' });
        const lists = byId('side-lists');
        lists.append(
            section('Rooms', this.#rooms, [
                iconButton('browse', 'Browse rooms', open.browse, { 'data-testid': 'browse-rooms' }),
                iconButton('plus', 'Create a room', open.create, { 'data-testid': 'create-room' }),
            ]),
            section('Direct messages', this.#directs, [
                iconButton('plus', 'New direct message', open.direct, { 'data-testid': 'new-direct' }),
            ]),
        );
        // The list must not move under the pointer or while walking it by keyboard.
        lists.addEventListener('pointerenter', () => { this.#pointerOver = true; });
        lists.addEventListener('pointerleave', () => {
            this.#pointerOver = false;
            this.draw(chat.store.state);
        });
    }

    /** @param {State} state */
    draw(state) {
        const rooms = joinedRooms(state).filter((room) => room.notify_level !== 'hidden' || room.id === state.active);
        const frozen = this.#pointerOver || byId('side-lists').contains(document.activeElement);
        const directs = directRooms(state);
        if (frozen) {
            const place = new Map(this.#order.map((id, index) => [id, index]));
            directs.sort((a, b) => (place.get(a.id) ?? -1) - (place.get(b.id) ?? -1));
        }
        this.#order = directs.map((room) => room.id);
        arrange(this.#rooms, rooms.map((room) => this.#item(state, room)));
        arrange(this.#directs, directs.length > 0
            ? directs.map((room) => this.#item(state, room))
            : [this.#hint ??= h('li', { class: 'hint' }, 'Nobody yet. Use + to write to somebody.')]);
    }

    #hint = null;

    #item(state, room) {
        const title = roomTitle(state, room);
        const active = state.active === room.id;
        const muted = isMuted(room);
        const people = others(state, room);
        const presence = people.length === 1 ? state.presence[people[0].id] : undefined;
        const called = calls(room);
        const unread = room.unread > 0 && !muted;
        const stamp = [title, room.unread, called, active, muted, presence, room.archived_at, room.kind].join('|');
        const known = this.#items.get(room.id);
        if (known?.stamp === stamp) return known.element;
        const glyph = room.kind === 'direct'
            ? people.length > 1 ? h('span', { class: 'avatar small group', 'aria-hidden': 'true' }, String(people.length + 1))
                : avatar(people[0] ?? state.me, 'small', presence)
            : h('span', { class: 'hash', 'aria-hidden': 'true' }, room.kind === 'private' ? icon('lock') : '#');
        const link = h('a', {
            href: addressOf(room.id), 'aria-current': active ? 'page' : null,
            class: [unread ? 'unread' : '', muted || room.archived_at ? 'muted' : ''].join(' ').trim() || null,
        }, glyph, h('span', { class: 'name' }, room.kind === 'direct' ? title : room.name),
        unread && h('span', { class: called > 0 ? 'count called' : 'count' },
            room.unread > 999 ? '999+' : String(called || room.unread),
            h('span', { class: 'visually-hidden' }, called > 0 && room.kind !== 'direct' ? ' mentions' : ' unread')),
        muted && icon('mute'));
        const element = known?.element ?? h('li');
        const hadFocus = element.contains(document.activeElement);
        element.replaceChildren(link);
        if (hadFocus) link.focus();
        this.#items.set(room.id, { stamp, element });
        return element;
    }
}

function section(title, list, buttons) {
    const id = `section-${title.toLowerCase().replace(/\W+/g, '-')}`;
    list.setAttribute('aria-labelledby', id);
    return h('section', {}, h('div', { class: 'section-head' }, h('h2', { id }, title), buttons), list);
}
