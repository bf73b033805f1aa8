import { directRooms, joinedRooms, others, roomTitle } from '../model/selectors.js';
import { addressOf } from '../app/route.js';
import { avatar } from './avatar.js';
import { arrange, byId, h } from './dom.js';
import { icon } from './icons.js';

/** The rooms on the left: public ones by name, direct messages by what is new. */
export class SideList {
    #items = new Map();
    #rooms;
    #directs;
    #order = [];
    #pointerOver = false;

    /**
     * @param {import('../app/chat.js').Chat} chat
     * @param {{browse: () => void, create: () => void, direct: () => void}} open
     */
    constructor(chat, open) {
        this.#rooms = h('ul', { class: 'room-list', 'data-testid': 'rooms' });
        this.#directs = h('ul', { class: 'room-list', 'data-testid': 'directs' });
        const lists = byId('side-lists');
        lists.append(
            section('Rooms', this.#rooms, [
                button('browse', 'Browse rooms', open.browse, 'browse-rooms'),
                button('plus', 'Create a room', open.create, 'create-room'),
            ]),
            section('Direct messages', this.#directs, [
                button('plus', 'New direct message', open.direct, 'new-direct'),
            ]),
        );
        // The list must not move under the pointer or while walking it by keyboard.
        lists.addEventListener('pointerenter', () => { this.#pointerOver = true; });
        lists.addEventListener('pointerleave', () => {
            this.#pointerOver = false;
            this.draw(chat.store.state);
        });
    }

    /** @param {import('../model/state.js').State} state */
    draw(state) {
        arrange(this.#rooms, joinedRooms(state).map((room) => this.#item(state, room)));
        const directs = this.#inStableOrder(directRooms(state));
        arrange(this.#directs, directs.length > 0
            ? directs.map((room) => this.#item(state, room))
            : [this.#hint ??= h('li', { class: 'hint' }, 'Nobody yet. Use + to write to somebody.')]);
    }

    #hint = null;

    #inStableOrder(rooms) {
        const frozen = this.#pointerOver || byId('side-lists').contains(document.activeElement);
        if (frozen) {
            const place = new Map(this.#order.map((id, index) => [id, index]));
            rooms.sort((a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity));
        }
        this.#order = rooms.map((room) => room.id);
        return rooms;
    }

    #item(state, room) {
        const title = roomTitle(state, room);
        const active = state.active === room.id;
        const stamp = [title, room.unread, room.mentions, active].join('|');
        const known = this.#items.get(room.id);
        if (known?.stamp === stamp) return known.element;
        const people = others(state, room);
        const glyph = room.kind === 'direct'
            ? avatar(people[0] ?? state.me, 'small')
            : h('span', { class: 'hash', 'aria-hidden': 'true' }, '#');
        const name = room.kind === 'direct' ? title : room.name;
        const link = h('a', {
            href: addressOf(room.id), class: room.unread > 0 ? 'unread' : null, 'aria-current': active ? 'page' : null,
        }, glyph, h('span', { class: 'name' }, name),
        room.unread > 0 && h('span', { class: 'count' }, room.unread > 999 ? '999+' : String(room.unread),
            h('span', { class: 'visually-hidden' }, ' unread')));
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

function button(iconName, label, onClick, testId) {
    return h('button', {
        class: 'quiet', type: 'button', 'aria-label': label, title: label, 'data-testid': testId, on: { click: onClick },
    }, icon(iconName));
}
