import { addressOf } from '../app/device.js';
import { calls, isMuted, others, roomList, roomTitle, waitingCount } from '../model/selectors.js';
import { Part } from '../model/state.js';
import { openDialog } from './dialog.js';
import { arrange, avatar, button, byId, fill, h, icon, iconButton } from './dom.js';

/** Before a room's name: "#" or a lock; whom a conversation is with, or how many. @param {State} state @param {Room} room */
export function glyphOf(state, room) {
    if (room.kind !== 'direct') {
        return h('span', { class: 'hash', 'aria-hidden': 'true' }, room.kind === 'private' ? icon('lock') : '#');
    }
    const [first, ...more] = others(state, room);
    if (more.length > 0) return h('span', { class: 'avatar small group', 'aria-hidden': 'true' }, more.length + 2);
    return avatar(first ?? state.me, 'small', first && state.presence[first.id]);
}

/** The rooms on the left. */
export class SideList extends Part {
    #items = new Map();
    #lists = {};
    #hint = h('li', { class: 'hint' }, 'Nobody yet. Use + to write to somebody.');
    #order = [];
    #pointerOver = false;

    /** @param {Chat} chat @param {{browse: () => void, create: () => void, direct: () => void}} open */
    constructor(chat, open) {
        super(chat);
        const place = byId('side-lists');
        const section = (name, title, ...buttons) => {
            this.#lists[name] = h('ul', { class: 'room-list', 'data-testid': name, 'aria-labelledby': `section-${name}` });
            place.append(h('section', {}, h('div', { class: 'section-head' }, h('h2', { id: `section-${name}` }, title), buttons),
                this.#lists[name]));
        };
        section('favourites', 'Favourites');
        section('rooms', 'Rooms', iconButton('browse', 'Browse rooms', open.browse, { 'data-testid': 'browse-rooms' }),
            iconButton('plus', 'Create a room', open.create, { 'data-testid': 'create-room' }));
        section('directs', 'Direct messages',
            iconButton('plus', 'New direct message', open.direct, { 'data-testid': 'new-direct' }));
        // The list must not move under the pointer or while walking it by keyboard.
        place.addEventListener('pointerenter', () => { this.#pointerOver = true; });
        place.addEventListener('pointerleave', () => {
            this.#pointerOver = false;
            this.draw(this.state);
        });
    }

    draw(state) {
        const { favourites, rooms, directs } = roomList(state);
        if (this.#pointerOver || byId('side-lists').contains(document.activeElement)) {
            directs.sort((a, b) => this.#order.indexOf(a.id) - this.#order.indexOf(b.id));
        }
        this.#order = directs.map((room) => room.id);
        const list = (name, shown, hint = []) => (
            arrange(this.#lists[name], shown.length > 0 ? shown.map((room) => this.#item(state, room)) : hint));
        list('favourites', favourites);
        list('rooms', rooms);
        list('directs', directs, [this.#hint]);
        this.#lists.favourites.parentElement.hidden = favourites.length === 0;
    }

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
        const glyph = glyphOf(state, room);
        const link = h('a', {
            href: addressOf(room.id), 'aria-current': active && 'page',
            class: [unread ? 'unread' : '', muted || room.archived_at ? 'muted' : ''].join(' ').trim() || null,
        }, glyph, h('span', { class: 'name', title }, room.kind === 'direct' ? title : room.name),
        unread && h('span', { class: called > 0 ? 'count called' : 'count' },
            room.unread > 999 ? '999+' : called || room.unread,
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

/** The status line, the badge, and the panel behind it. */
export class ConnectionView extends Part {
    #badge = byId('badge');
    #status = byId('status');
    #backTimer = null;
    #wasAway = false;
    #panel = null;

    constructor(chat) {
        super(chat);
        this.#badge.addEventListener('click', () => this.#openPanel());
    }

    draw(state) {
        this.#drawBadge(state);
        this.#drawStatus(state);
        if (this.#panel) fill(this.#panel, this.#details(state));
    }

    #drawBadge({ connection: { status, transport, roundTripMs }, instance }) {
        const alone = instance?.adapter === 'none';
        const health = status !== 'online' ? 'offline' : alone ? 'alone' : 'online';
        const parts = health === 'offline' ? [status === 'connecting' ? 'connecting…' : 'offline']
            : [instance?.id ?? '…', { websocket: 'ws', polling: 'polling' }[transport], alone ? 'adapter off' : 'adapter on',
                roundTripMs !== null && `${roundTripMs} ms`].filter(Boolean);
        Object.assign(this.#badge.dataset, {
            health, transport: transport ?? '', adapter: instance?.adapter ?? '',
            instance: health === 'offline' ? '' : instance?.id ?? '',
        });
        const text = parts.join(', ');
        if (this.#badge.dataset.text === text) return;
        this.#badge.dataset.text = text;
        this.#badge.setAttribute('aria-label', `Connection: ${text}. Details`);
        fill(this.#badge, h('i', { class: 'dot' }), parts.map((part) => h('span', {}, part)));
    }

    #drawStatus(state) {
        const { status, attempt } = state.connection;
        const waiting = waitingCount(state);
        const later = waiting === 0 ? ''
            : ` – ${waiting} ${waiting === 1 ? 'message' : 'messages'} will be sent when you are back`;
        if (status === 'online') {
            if (this.#wasAway && state.synced) this.#say('Back online', 'good', 4_000);
            else if (this.#backTimer === null) this.#say('', '');
            this.#wasAway = false;
        } else if (status === 'waiting' || (status === 'connecting' && attempt > 0)) {
            this.#wasAway = true;
            this.#say(`Offline${later || ', trying to connect'}`, 'bad');
        } else if (status === 'connecting') {
            this.#say(`Connecting…${later}`, '');
        }
    }

    #say(text, tone, forMs = 0) {
        clearTimeout(this.#backTimer);
        this.#backTimer = forMs === 0 ? null : setTimeout(() => {
            this.#backTimer = null;
            this.draw(this.state);
        }, forMs);
        // Writing the same text again would be read out again.
        if (this.#status.textContent !== text) this.#status.textContent = text;
        this.#status.dataset.tone = tone;
    }

    #openPanel() {
        this.chat.session.probe();
        this.#panel = h('div', { class: 'connection', 'data-testid': 'connection-panel' }, this.#details(this.state));
        openDialog('Connection', this.#panel, { onClose: () => { this.#panel = null; } });
    }

    #details({ connection: { status, transport, reason, roundTripMs }, instance, active, logs }) {
        const alone = instance?.adapter === 'none';
        const rows = [
            ['State', { online: 'Connected', connecting: 'Connecting' }[status] ?? `Offline: ${reason}`],
            ['Instance', instance?.id ?? 'not known yet'],
            ['Transport', { websocket: 'WebSocket', polling: 'HTTP long-polling' }[transport] ?? 'none'],
            ['Round trip', roundTripMs === null ? 'not measured yet' : `${roundTripMs} ms`],
            ['Adapter', alone ? 'off' : instance ? `on (${instance.adapter})` : 'not known yet'],
            logs[active] && ['This room', `complete up to change ${logs[active].have}`],
        ].filter(Boolean);
        return [
            h('dl', {}, rows.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])),
            h('p', { class: alone ? 'lesson off' : 'lesson' }, alone
                ? 'The adapter is off, so the instances do not tell each other anything: live messages reach only windows '
                    + `that are also on ${instance.id}, and you see those of other instances when you reload.`
                : 'The adapter is on: every instance passes live messages to all others through Redis, so it does not matter '
                    + 'which one you are on.'),
            button('Move me to another instance', () => this.chat.session.moveToAnotherInstance(), {
                disabled: status !== 'online', 'data-testid': 'another-instance',
            }),
        ];
    }
}
