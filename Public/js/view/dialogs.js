import { browsableRooms, directRooms, joinedRooms, others, roomTitle } from '../model/selectors.js';
import { avatar } from './avatar.js';
import { openDialog } from './dialog.js';
import { h } from './dom.js';
import { pick } from './picker.js';

const hash = () => h('span', { class: 'hash', 'aria-hidden': 'true' }, '#');

/** The dialogs behind the buttons of the side list. @param {import('../app/chat.js').Chat} chat */
export function dialogsOf(chat, fail) {
    const state = () => chat.store.state;

    const roomOption = (room) => ({
        key: room.id,
        label: room.kind === 'direct' ? roomTitle(state(), room) : room.name,
        hint: room.topic,
        note: room.unread > 0 ? String(room.unread) : '',
        glyph: () => (room.kind === 'direct' ? avatar(others(state(), room)[0] ?? state().me, 'small') : hash()),
        choose: () => chat.rooms.open(room.id),
    });
    const personOption = (user) => ({
        key: user.id,
        label: user.display_name,
        hint: `@${user.name}`,
        glyph: () => avatar(user, 'small'),
        choose: () => chat.rooms.openDirect([user.id]),
    });
    const people = () => Object.values(state().people)
        .filter((user) => user.id !== state().me.id && !user.disabled)
        .sort((a, b) => a.display_name.localeCompare(b.display_name));

    return {
        browse() {
            const picker = pick({
                title: 'Browse rooms', placeholder: 'Find a room', empty: 'No room by that name.', fail,
                options: () => browsableRooms(state()).map((room) => ({
                    ...roomOption(room), note: room.joined ? 'Joined' : 'Join', dim: room.joined,
                    choose: () => (room.joined ? chat.rooms.open(room.id) : chat.rooms.join(room.id)),
                })),
            });
            chat.rooms.refresh().then(picker.refresh, () => {});
        },

        direct() {
            const picker = pick({
                title: 'New direct message', placeholder: 'Find a person', empty: 'Nobody by that name.', fail,
                options: () => people().map(personOption),
            });
            chat.rooms.loadPeople().then(picker.refresh, () => {});
        },

        switcher() {
            pick({
                title: 'Jump to', placeholder: 'A room or a person', empty: 'Nothing by that name.', fail,
                options: () => {
                    const directs = directRooms(state());
                    const paired = new Set(directs.filter((room) => room.people?.length === 2).flatMap((room) => room.people));
                    return [
                        ...[...directs, ...joinedRooms(state())].sort((a, b) => (b.unread > 0) - (a.unread > 0))
                            .map(roomOption),
                        ...people().filter((user) => !paired.has(user.id)).map(personOption),
                    ];
                },
            });
        },

        create() {
            const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
            const name = h('input', {
                name: 'name', required: true, maxlength: 64, pattern: '[A-Za-z0-9_\\-]+', autocomplete: 'off',
                autocapitalize: 'none', spellcheck: 'false', 'aria-describedby': 'room-name-hint',
            });
            const topic = h('input', { name: 'topic', maxlength: 250, autocomplete: 'off' });
            const submit = h('button', { class: 'primary', type: 'submit' }, 'Create room');
            const form = h('form', { class: 'fields', 'data-testid': 'new-room' }, problem,
                h('label', {}, 'Name', name),
                h('p', { class: 'hint', id: 'room-name-hint' }, 'Letters a–z, digits, dash and underscore.'),
                h('label', {}, 'Topic (optional)', topic), submit);
            form.addEventListener('submit', async (event) => {
                event.preventDefault();
                submit.disabled = true;
                problem.hidden = true;
                try {
                    await chat.rooms.create(name.value.trim().toLowerCase(), topic.value.trim());
                    dialog.close();
                } catch (error) {
                    problem.textContent = error.message;
                    problem.hidden = false;
                    (error.field === 'topic' ? topic : name).focus();
                } finally {
                    submit.disabled = false;
                }
            });
            const dialog = openDialog('Create a room', form);
        },
    };
}
