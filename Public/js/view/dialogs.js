import { browsableRooms, directRooms, joinedRooms, mayModerate, otherPeople, others, personOf, roomTitle } from '../model/selectors.js';
import { avatar } from './avatar.js';
import { field, formOf, openDialog } from './dialog.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { pick } from './picker.js';

const KEYS = [
    ['Ctrl K', 'Jump to a room or a person'], ['Ctrl Shift F', 'Search messages'], ['Alt Shift ↑ ↓', 'Unread room above, below'],
    ['F6', 'Next part of the page'], ['Esc', 'Back to the message field; clears “New”'], ['?', 'This sheet'],
    ['↑ ↓', 'In the messages: from one to the next'], ['Enter', 'On a message: its actions'],
    ['Enter', 'In the field: send'], ['Shift Enter', 'New line'], ['↑', 'In the empty field: edit my last message'],
    ['Shift ↑', 'In the empty field: answer the last message'], ['Ctrl B, I, E', 'Bold, italic, code'],
    ['@ # :', 'People, rooms, emoji'],
];
const PRESENCE = { online: 'Online', away: 'Away', offline: 'Offline' };

const hash = (room) => h('span', { class: 'hash', 'aria-hidden': 'true' }, room.kind === 'private' ? icon('lock') : '#');

/** The dialogs about rooms and people. @param {Chat} chat */
export function dialogsOf(chat) {
    const { fail, rooms, store } = chat;
    const state = () => store.state;

    const roomOption = (room) => ({
        key: room.id,
        label: room.kind === 'direct' ? roomTitle(state(), room) : room.name,
        hint: room.topic,
        note: room.unread > 0 ? String(room.unread) : '',
        glyph: () => (room.kind === 'direct' ? avatar(others(state(), room)[0] ?? state().me, 'small') : hash(room)),
        choose: () => rooms.open(room.id),
    });
    const personOption = (user) => ({
        key: user.id,
        label: user.display_name,
        hint: `@${user.name}`,
        glyph: () => avatar(user, 'small', state().presence[user.id]),
        choose: () => rooms.openDirect([user.id]),
    });
    const pickPeople = (title, label, choose, except = new Set()) => {
        const picker = pick({
            title, placeholder: 'Find people', empty: 'Nobody by that name.', fail, done: { label, choose },
            options: () => otherPeople(state()).filter((user) => !except.has(user.id)).map(personOption),
        });
        rooms.loadPeople().then(() => picker.refresh(), () => {});
    };
    const nameField = (value = '') => field('Name', {
        name: 'name', required: true, maxlength: 64, pattern: '[A-Za-z0-9_\\-]+', autocapitalize: 'none', spellcheck: 'false', value,
    }, 'Letters a–z, digits, dash and underscore.');
    const topicField = (value = '') => field('Topic (optional)', { name: 'topic', maxlength: 250, value });
    const roomFields = ({ name, topic }) => ({ name: name.trim().toLowerCase(), topic: topic.trim() });

    return {
        browse() {
            const picker = pick({
                title: 'Browse rooms', placeholder: 'Find a room', empty: 'No room by that name.', fail,
                options: () => browsableRooms(state()).map((room) => ({
                    ...roomOption(room), dim: room.joined,
                    note: room.archived_at ? 'Archived' : room.joined ? 'Joined' : 'Join',
                    choose: () => (room.joined || room.archived_at ? rooms.open(room.id) : rooms.join(room.id)),
                })),
            });
            rooms.refresh().then(() => picker.refresh(), () => {});
        },

        direct() {
            pickPeople('New conversation', 'Start', (users) => rooms.openDirect(users));
        },

        invite(room) {
            const members = new Set((state().members[room.id] ?? []).map((member) => member.user));
            pickPeople(`Add people to #${room.name}`, 'Add',
                (users) => rooms.askMembers('room:invite', { room: room.id, users }), members);
        },

        switcher() {
            pick({
                title: 'Jump to', placeholder: 'A room or a person', empty: 'Nothing by that name.', fail,
                options: () => {
                    const directs = directRooms(state());
                    const paired = new Set(directs.filter((room) => room.people?.length === 2).flatMap((room) => room.people));
                    const heard = (room) => state().activity[room.id] ?? 0;
                    return [
                        ...[...directs, ...joinedRooms(state())]
                            .sort((a, b) => (b.unread > 0) - (a.unread > 0) || heard(b) - heard(a)).map(roomOption),
                        ...otherPeople(state()).filter((user) => !paired.has(user.id)).map(personOption),
                    ];
                },
            });
        },

        create() {
            const form = formOf({
                fields: [nameField(), topicField(), h('label', { class: 'check' },
                    h('input', { type: 'checkbox', name: 'private' }), h('span', {}, 'Private',
                        h('small', {}, 'Only people who are added can see it and read it.')))],
                submit: 'Create room', properties: { 'data-testid': 'new-room' },
                send: async (fields) => {
                    await rooms.create({ ...roomFields(fields), ...(fields.private ? { kind: 'private' } : {}) });
                    dialog.close();
                },
            });
            const dialog = openDialog('Create a room', form);
        },

        editRoom(room) {
            const form = formOf({
                fields: [nameField(room.name), topicField(room.topic)], submit: 'Save', properties: { 'data-testid': 'edit-room' },
                send: async (fields) => {
                    await rooms.ask('room:update', { room: room.id, ...roomFields(fields) });
                    dialog.close();
                },
            });
            const dialog = openDialog(`#${room.name}`, form);
        },

        person(id, roomId) {
            const user = personOf(state(), id);
            const room = state().rooms[roomId];
            const role = state().members[roomId]?.find((member) => member.user === id)?.role;
            const button = (label, act, look = 'plain') => h('button', {
                class: look, type: 'button', on: { click: () => { dialog.close(); Promise.resolve(act()).catch(fail); } },
            }, label);
            const me = id === state().me.id;
            const may = !me && room && role && role !== 'owner' && mayModerate(state(), room) && !room.archived_at;
            const change = (event, more) => () => rooms.askMembers(event, { room: roomId, user: id, ...more });
            const dialog = openDialog('Profile', h('div', { class: 'card-of', 'data-testid': 'person' },
                avatar(user, 'large', me ? undefined : state().presence[id]),
                h('div', { class: 'who' }, h('strong', {}, user.display_name), h('span', { class: 'handle' }, `@${user.name}`)),
                h('p', { class: 'hint' }, [
                    user.deleted ? 'Deleted' : user.disabled ? 'Disabled' : me ? 'That is you' : PRESENCE[state().presence[id]],
                    user.role !== 'member' && user.role, role && role !== 'member' && `${role} of this room`,
                ].filter(Boolean).join(' · ')),
                h('div', { class: 'actions' },
                    !me && !user.deleted && !user.disabled && button('Message', () => rooms.openDirect([id]), 'primary'),
                    may && (role === 'moderator'
                        ? button('Make an ordinary member', change('room:role', { role: 'member' }))
                        : button('Make moderator', change('room:role', { role: 'moderator' }))),
                    may && button(`Remove from #${room.name}`, change('room:kick'), 'plain danger'))));
        },

        keys() {
            const apple = /Mac|iPhone|iPad/.test(navigator.platform);
            openDialog('Keyboard', h('dl', { class: 'keys-sheet', tabindex: 0 }, KEYS.map(([keys, what]) => [
                h('dt', {}, (apple ? keys.replace('Ctrl', '⌘').replace('Alt', '⌥') : keys).split(' ').map((key) => h('kbd', {}, key))),
                h('dd', {}, what)])));
        },
    };
}
