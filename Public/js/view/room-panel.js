import { isStaff, mayModerate, personOf } from '../model/selectors.js';
import { avatar } from './avatar.js';
import { choice } from './dialog.js';
import { byId, h, iconButton } from './dom.js';
import { icon } from './icons.js';

const LEVELS = [['all', 'Every message'], ['mentions', 'Mentions only'], ['nothing', 'Nothing'], ['hidden', 'Nothing, and hide it']];
const ROLES = ['owner', 'moderator', 'member'];

/** The open room: its topic, its people, and what I may do with it. */
export class RoomPanel {
    #chat;
    #close;
    #dialogs;

    /** @param {Chat} chat @param {{close: () => void, dialogs: object}} actions */
    constructor(chat, { close, dialogs }) {
        this.#chat = chat;
        this.#close = close;
        this.#dialogs = dialogs;
    }

    /** @param {State} state */
    draw(state) {
        const room = state.rooms[state.active];
        const members = state.members[room.id];
        const direct = room.kind === 'direct';
        const may = mayModerate(state, room);
        const owns = room.role === 'owner' || isStaff(state);
        const ask = (event, payload) => this.#chat.rooms.ask(event, { room: room.id, ...payload }).catch(this.#chat.fail);
        const panel = byId('panel');
        const focused = panel.contains(document.activeElement) ? document.activeElement.dataset.key : null;
        panel.replaceChildren(...[
            h('header', {}, h('h2', {}, direct ? 'Conversation' : 'About this room'), iconButton('close', 'Close', this.#close)),
            !direct && h('div', { class: 'about' },
                h('p', { class: room.topic ? '' : 'hint' }, room.topic || 'No topic yet.'),
                room.archived_at && h('p', { class: 'notice' }, 'This room is archived: it can be read, not written to.'),
                may && !room.archived_at && h('button', {
                    class: 'plain', type: 'button', 'data-key': 'edit', on: { click: () => this.#dialogs.editRoom(room) },
                }, 'Edit name and topic')),
            h('div', { class: 'about' }, choice('Notify me about', LEVELS, room.notify_level ?? 'all',
                (level) => ask('room:notify', { level }))),
            h('div', { class: 'section-head' },
                h('h3', {}, members ? `Members · ${members.length}` : 'Members'),
                !direct && !room.archived_at && (room.kind === 'public' || may) && iconButton('plus', 'Add people',
                    () => this.#dialogs.invite(room), { 'data-testid': 'invite', 'data-key': 'invite' })),
            h('ul', { 'data-testid': 'member-list' }, sorted(state, members ?? []).map((member) => this.#member(state, room, member))),
            !direct && h('div', { class: 'room-actions' },
                action('leave', `Leave #${room.name}`, 'leave-room', () => this.#chat.rooms.leave(room.id).catch(this.#chat.fail)),
                owns && (room.archived_at
                    ? action('archive', 'Restore this room', 'restore-room', () => ask('room:restore'))
                    : action('archive', 'Archive this room', 'archive-room', () => ask('room:archive')))),
        ].filter(Boolean));
        if (focused) panel.querySelector(`[data-key="${focused}"]`)?.focus();
    }

    #member(state, room, { user, role }) {
        const note = user.id === state.me.id ? 'you' : role === 'member' ? `@${user.name}` : role;
        return h('li', {}, h('button', {
            class: 'person', type: 'button', 'data-key': user.id,
            on: { click: () => this.#dialogs.person(user.id, room.id) },
        }, avatar(user, 'small', state.presence[user.id] ?? (user.id === state.me.id ? 'online' : undefined)),
        h('span', { class: 'name' }, user.display_name), h('span', { class: 'handle' }, note)));
    }
}

/** Owners and moderators first, then by name. */
function sorted(state, members) {
    return members.map(({ user, role }) => ({ user: personOf(state, user), role }))
        .sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || a.user.display_name.localeCompare(b.user.display_name));
}

function action(iconName, label, testId, click) {
    return h('button', { class: 'leave', type: 'button', 'data-testid': testId, 'data-key': testId, on: { click } },
        icon(iconName), label);
}
