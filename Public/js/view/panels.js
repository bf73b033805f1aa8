import { byDisplayName, isMuted, isStaff, mayModerate, others, personOf, roomTitle, textOf } from '../model/selectors.js';
import { Part } from '../model/state.js';
import { choice, openMenu } from './dialog.js';
import {
    avatar, button, byId, fill, h, icon, iconButton, isNarrow, keepingFocus, problem, skeleton, timeOf,
} from './dom.js';
import { gallery } from './images.js';
import { markup } from './message.js';

const LEVELS = [
    ['all', 'Every message'], ['mentions', 'Mentions only'], ['nothing', 'Nothing'], ['hidden', 'Nothing, and hide it'],
];
const ROLES = ['owner', 'moderator', 'member'];

/** The room's name and topic, and what opens beside the messages. */
export class RoomHeader extends Part {
    #toggle;

    /** @param {Chat} chat @param {{toggle: (panel: 'room' | 'search') => void}} actions */
    constructor(chat, { toggle }) {
        super(chat);
        this.#toggle = toggle;
    }

    /** @param {State} state @param {'room' | 'search' | null} panel which is open */
    draw(state, panel) {
        const head = byId('room-head');
        const room = state.rooms[state.active];
        keepingFocus(head, () => fill(head,
            // A link, not history.back(): it must lead to the list also when the room was opened from a bookmark.
            h('a', { class: 'quiet back', href: '#/', 'aria-label': 'All rooms' }, icon('back')),
            room ? this.#about(state, room, panel) : h('div', { class: 'titles' }, state.synced && h('h1', {}, 'Chat'))));
    }

    #about(state, room, panel) {
        const toggle = (name, iconName, label, testId, ...children) => iconButton(iconName, label, () => this.#toggle(name), {
            class: 'toggle', 'aria-expanded': String(panel === name), 'aria-controls': 'panel', 'data-key': name,
            'data-testid': testId,
        }, ...children);
        const count = state.members[room.id]?.length;
        const topic = room.kind === 'direct' ? others(state, room).map((user) => `@${user.name}`).join(', ') : room.topic;
        const pinned = state.favourites.includes(room.id);
        const level = room.notify_level ?? 'all';
        const bell = iconButton(isMuted(room) ? 'mute' : 'bell', `Notifications: ${LEVELS.find(([key]) => key === level)[1]}`,
            () => this.#chooseLevel(bell, room, level),
            { class: 'toggle wide-only', 'aria-haspopup': 'menu', 'data-key': 'bell', 'data-testid': 'bell' });
        return [
            h('div', { class: 'titles' }, h('h1', { 'data-testid': 'room-title' }, roomTitle(state, room)),
                room.kind === 'private' && icon('lock'), topic && h('p', { class: 'topic', title: topic }, topic)),
            room.joined && iconButton('star', pinned ? 'Remove from favourites' : 'Add to favourites',
                () => this.chat.rooms.toggleFavourite(room.id), {
                    class: 'toggle wide-only', 'aria-pressed': String(pinned), 'data-key': 'star',
                    'data-testid': 'toggle-favourite',
                }),
            room.joined && bell,
            toggle('search', 'search', 'Search', 'toggle-search'),
            room.joined && toggle('room', 'people', count === undefined ? 'Members' : `Members, ${count}`, 'toggle-members',
                count !== undefined && h('span', {}, count)),
        ];
    }

    /** This click is also where a browser may be asked for its permission. */
    #chooseLevel(bell, room, level) {
        const { notifications, rooms, fail } = this.chat;
        openMenu(bell, 'Notify me about', [
            ...LEVELS.map(([key, label]) => ({
                label, checked: key === level, choose: () => rooms.ask('room:notify', { room: room.id, level: key }).catch(fail),
            })),
            ...(notifications.enabled ? [] : [{ label: 'Turn on in this browser…', choose: () => notifications.turnOn() }]),
        ]);
    }
}

/** The open room: its topic, its people, and what I may do with it. */
export class RoomPanel extends Part {
    #close;
    #dialogs;

    /** @param {Chat} chat @param {{close: () => void, dialogs: object}} actions */
    constructor(chat, { close, dialogs }) {
        super(chat);
        this.#close = close;
        this.#dialogs = dialogs;
    }

    draw(state) {
        const room = state.rooms[state.active];
        const members = state.members[room.id];
        const direct = room.kind === 'direct';
        const may = mayModerate(state, room);
        const owns = room.role === 'owner' || isStaff(state);
        const { rooms, fail } = this.chat;
        const ask = (event, payload) => rooms.ask(event, { room: room.id, ...payload }).catch(fail);
        const action = (name, iconName, label, click) => button([icon(iconName), label], click, {
            class: 'leave', 'data-testid': name, 'data-key': name,
        });
        const panel = byId('panel');
        keepingFocus(panel, () => fill(panel,
            h('header', {}, h('h2', {}, direct ? 'Conversation' : 'About this room'), iconButton('close', 'Close', this.#close)),
            !direct && h('div', { class: 'about' },
                room.topic ? markup(room.topic, state) : h('p', { class: 'hint' }, 'No topic yet.'),
                room.archived_at && h('p', { class: 'notice' }, 'This room is archived: it can be read, not written to.'),
                may && !room.archived_at
                    && button('Room settings', () => this.#dialogs.editRoom(room), { 'data-key': 'edit' })),
            h('div', { class: 'about' },
                choice('Notify me about', LEVELS, room.notify_level ?? 'all', (level) => ask('room:notify', { level }))),
            h('div', { class: 'section-head' }, h('h3', {}, members ? `Members · ${members.length}` : 'Members'),
                !direct && !room.archived_at && (room.kind === 'public' || may) && iconButton('plus', 'Add people',
                    () => this.#dialogs.invite(room), { 'data-testid': 'invite', 'data-key': 'invite' })),
            h('ul', { 'data-testid': 'member-list' },
                sorted(state, members ?? []).map((member) => this.#member(state, room, member))),
            h('div', { class: 'room-actions' },
                action('favourite', 'star', state.favourites.includes(room.id) ? 'Remove from favourites' : 'Add to favourites',
                    () => rooms.toggleFavourite(room.id)),
                !direct && action('leave-room', 'leave', `Leave #${room.name}`, () => rooms.leave(room.id).catch(fail)),
                !direct && owns && (room.archived_at
                    ? action('restore-room', 'archive', 'Restore this room', () => ask('room:restore'))
                    : action('archive-room', 'archive', 'Archive this room', () => ask('room:archive'))))));
    }

    #member(state, room, { user, role }) {
        const mine = user.id === state.me.id;
        return h('li', {}, button([
            avatar(user, 'small', state.presence[user.id] ?? (mine ? 'online' : undefined)),
            h('span', { class: 'name' }, user.display_name),
            h('span', { class: 'handle' }, mine ? 'you' : role === 'member' ? `@${user.name}` : role),
        ], () => this.#dialogs.person(user.id, room.id), { class: 'person', 'data-key': user.id }));
    }
}

/** Owners and moderators first, then by name. */
function sorted(state, members) {
    return members.map(({ user, role }) => ({ user: personOf(state, user), role }))
        .sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || byDisplayName(a.user, b.user));
}

/** Finds messages; a result opens in its room, at its place. */
export class SearchPanel extends Part {
    #close;
    #query = '';
    #run = 0;
    #results = h('div', { class: 'results', 'aria-live': 'polite', 'data-testid': 'results' });
    #field = h('input', {
        type: 'search', 'aria-label': 'Search messages', placeholder: 'Search messages', autocomplete: 'off', maxlength: 200,
        'data-testid': 'search-field',
    });

    /** @param {Chat} chat @param {{close: () => void}} actions */
    constructor(chat, { close }) {
        super(chat);
        this.#close = close;
        this.#hint();
    }

    draw() {
        const panel = byId('panel');
        if (panel.contains(this.#field)) return;
        const submit = (event) => {
            event.preventDefault();
            this.#search();
        };
        fill(panel, h('header', {}, h('h2', {}, 'Search'), iconButton('close', 'Close', this.#close)),
            h('form', { role: 'search', submit }, this.#field), this.#results);
        this.#field.focus();
        this.#field.select();
    }

    #hint() {
        fill(this.#results, h('p', { class: 'hint' }, 'Words, or “a phrase”. Narrow it with ',
            ['from:ada', 'in:general', 'before:2026-01-31', 'after:2026-01-01'].map((example, index) => (
                [index > 0 && ', ', h('code', {}, example)])), '.'));
    }

    async #search(cursor) {
        const query = cursor ? this.#query : this.#field.value.trim();
        this.#query = query;
        if (query === '') return this.#hint();
        // Of two searches the later one counts, whichever answer comes last.
        const run = this.#run += 1;
        if (!cursor) fill(this.#results, skeleton(80, 60));
        try {
            const { results, next } = await this.chat.messages.search(query, cursor);
            if (run !== this.#run) return undefined;
            if (!cursor) {
                fill(this.#results, h('p', { class: 'hint', role: 'status' },
                    results.length === 0 ? 'Nothing found.' : `${results.length}${next ? '+' : ''} found`));
            }
            this.#results.querySelector('.more')?.remove();
            this.#results.append(h('ul', {}, results.map((result) => this.#result(result))));
            this.#mark(query);
            if (next) this.#results.append(button('More', () => this.#search(next), { class: 'plain more' }));
        } catch (error) {
            if (run === this.#run) fill(this.#results, problem(error.message));
        }
        return undefined;
    }

    /** Shows the words of the query in what was found, without touching it. */
    #mark(query) {
        const words = query.toLowerCase().split(/[\s"“”]+/).filter((word) => word && !/^\w+:/.test(word));
        const ranges = [];
        const texts = document.createTreeWalker(this.#results, NodeFilter.SHOW_TEXT, (text) => (
            text.parentElement.closest('.body') ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT));
        while (texts.nextNode()) {
            const text = texts.currentNode.data.toLowerCase();
            for (const word of words) {
                for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
                    const node = texts.currentNode;
                    const [startOffset, endOffset] = [at, at + word.length];
                    ranges.push(new StaticRange({ startContainer: node, startOffset, endContainer: node, endOffset }));
                }
            }
        }
        globalThis.CSS.highlights?.set('found', new Highlight(...ranges));
    }

    #result({ message, room }) {
        const { state } = this;
        const author = personOf(state, message.author);
        const title = roomTitle(state, state.rooms[room.id] ?? room);
        return h('li', { class: 'result', 'data-testid': 'result' },
            h('header', {}, avatar(author, 'small'), h('bdi', { class: 'name' }, author.display_name),
                timeOf(Date.parse(message.at), 'day')),
            message.body && markup(message.body, state), message.attachments?.length > 0 && gallery(message.attachments),
            button(title, () => this.#open(room.id, message.seq), {
                class: 'plain open', 'aria-label': `Open in ${title}: ${textOf(message).slice(0, 60)}`,
            }));
    }

    #open(room, seq) {
        // On a small screen the panel covers what it found.
        if (isNarrow()) this.#close();
        this.chat.rooms.open(room, seq);
    }
}

/** What stands in the place of the log when there is none. */
export class Elsewhere extends Part {
    draw(state) {
        const place = byId('elsewhere');
        const room = state.rooms[state.active];
        byId('archived').hidden = !room?.joined || !room.archived_at;
        place.hidden = Boolean(room?.joined) || !state.synced;
        byId('log').parentElement.hidden = !place.hidden;
        if (place.hidden) return;
        const { rooms, fail } = this.chat;
        const show = (title, text, more) => fill(place, h('h2', {}, title), h('p', {}, text), more);
        if (room?.archived_at) {
            show(roomTitle(state, room), 'This room is archived.');
        } else if (room) {
            const title = roomTitle(state, room);
            show(title, room.topic || 'You are not in this room yet.', button(`Join ${title}`,
                () => rooms.join(room.id).catch(fail), { class: 'primary', 'data-testid': 'join-room' }));
        } else if (state.active) {
            show('There is no such room', 'It does not exist, or it is not open to you.', h('a', { href: '#/' }, 'All rooms'));
        } else {
            show('Choose a room', 'Browse the rooms, or write to somebody.');
        }
    }
}
