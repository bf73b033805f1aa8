import { applyTheme, keep, kept } from '../app/device.js';
import {
    browsableRooms, directRooms, isStaff, joinedRooms, mayModerate, otherPeople, personOf, roomTitle,
} from '../model/selectors.js';
import { Part } from '../model/state.js';
import { call } from '../net/rest.js';
import { check, choice, field, formOf, openDialog, pick } from './dialog.js';
import { avatar, button, byId, dayAndTime, fill, h, icon, isApple, problem, skeleton } from './dom.js';
import { glyphOf } from './side.js';

const PRESENCE = { online: 'Online', away: 'Away', offline: 'Offline' };

/** The dialogs about rooms and people. @param {Chat} chat */
export function dialogsOf(chat) {
    const { fail, rooms, store } = chat;
    const state = () => store.state;

    const roomOption = (room) => {
        const direct = room.kind === 'direct';
        const label = direct ? roomTitle(state(), room) : room.name;
        return {
            key: room.id, label, hint: room.topic, note: room.unread > 0 && String(room.unread),
            words: [`${label} ${room.topic}`, direct ? `message ${label}` : ''],
            glyph: () => glyphOf(state(), room),
            choose: () => rooms.open(room.id),
        };
    };
    const personOption = (user) => ({
        key: user.id, label: user.display_name, hint: `@${user.name}`,
        words: [`${user.display_name} @${user.name}`, `message ${user.display_name}`, `message ${user.name}`],
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
    const direct = () => pickPeople('New conversation', 'Start', (users) => rooms.openDirect(users));
    const roomForm = (title, submit, testId, { name = '', topic = '' }, more, send) => {
        const nameField = field('Name', {
            name: 'name', required: true, maxlength: 64, pattern: '[A-Za-z0-9_\\-]+', autocapitalize: 'none',
            spellcheck: 'false', value: name,
        }, 'Letters a–z, digits, dash and underscore.');
        const topicField = field('Topic (optional)', { name: 'topic', maxlength: 250, value: topic });
        const dialog = openDialog(title, formOf({
            fields: [nameField, topicField, more], submit, properties: { 'data-testid': testId },
            send: async (fields) => {
                await send({ name: fields.name.trim().toLowerCase(), topic: fields.topic.trim() }, fields);
                dialog.close();
            },
        }));
    };

    return {
        direct,

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

        invite(room) {
            const members = new Set((state().members[room.id] ?? []).map((member) => member.user));
            pickPeople(`Add people to #${room.name}`, 'Add',
                (users) => rooms.askMembers('room:invite', { room: room.id, users }), members);
        },

        switcher() {
            const message = {
                key: 'message', label: 'Message…', hint: 'one person or several', words: 'message new conversation',
                glyph: () => h('span', { class: 'hash' }, icon('edit')), choose: direct,
            };
            pick({
                title: 'Jump to', placeholder: 'A room, a person, or “message …”', empty: 'Nothing by that name.', fail,
                options: () => {
                    const directs = directRooms(state());
                    const paired = new Set(directs.filter((room) => room.people?.length === 2).flatMap((room) => room.people));
                    const heard = (room) => state().activity[room.id] ?? 0;
                    return [
                        ...[...directs, ...joinedRooms(state())]
                            .sort((a, b) => (b.unread > 0) - (a.unread > 0) || heard(b) - heard(a)).map(roomOption),
                        ...otherPeople(state()).filter((user) => !paired.has(user.id))
                            .map((user) => ({ ...personOption(user), note: 'Message', dim: true })),
                        message,
                    ];
                },
            });
        },

        create() {
            const secret = check('private', 'Private', 'Only people who are added can see it and read it.');
            roomForm('Create a room', 'Create room', 'new-room', {}, secret,
                (room, fields) => rooms.create({ ...room, ...(fields.private ? { kind: 'private' } : {}) }));
        },

        editRoom(room) {
            const keeps = check('keeps', 'Keep earlier versions', 'Members can see what edited messages said before.',
                room.keeps_versions);
            roomForm(`#${room.name}`, 'Save', 'edit-room', room, keeps, (changed, fields) => (
                rooms.ask('room:update', { room: room.id, keeps_versions: Boolean(fields.keeps), ...changed })));
        },

        person(id, roomId) {
            const user = personOf(state(), id);
            const room = state().rooms[roomId];
            const role = state().members[roomId]?.find((member) => member.user === id)?.role;
            const act = (label, run, look = 'plain') => button(label, () => {
                dialog.close();
                Promise.resolve(run()).catch(fail);
            }, { class: look });
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
                    !me && !user.deleted && !user.disabled && act('Message', () => rooms.openDirect([id]), 'primary'),
                    may && (role === 'moderator'
                        ? act('Make an ordinary member', change('room:role', { role: 'member' }))
                        : act('Make moderator', change('room:role', { role: 'moderator' }))),
                    may && act(`Remove from #${room.name}`, change('room:kick'), 'plain danger'))));
        },

        keys() {
            const sheet = byId('keys-sheet').content.firstElementChild.cloneNode(true);
            for (const key of isApple ? sheet.querySelectorAll('kbd') : []) {
                key.textContent = { Ctrl: '⌘', Alt: '⌥' }[key.textContent] ?? key.textContent;
            }
            openDialog('Keyboard', sheet);
        },
    };
}

const DAY_S = 86_400;
const PASSWORD = { type: 'password', required: true };

/** "Chrome on Linux", as far as a user agent tells. */
function deviceName(agent = '') {
    const browser = [['Edg/', 'Edge'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']]
        .find(([mark]) => agent.includes(mark))?.[1];
    const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac', 'Linux'].find((name) => agent.includes(name));
    return browser ? `${browser}${system ? ` on ${system}` : ''}` : agent.split(/[\s/]/)[0] || 'Unknown device';
}

/** One's own account, and what this browser does. */
export class AccountDialog extends Part {
    #body = h('div', { class: 'account-body' });
    /** Each section's title and what makes its parts. */
    #sections = {
        profile: ['Profile', () => this.#profile()],
        devices: ['Sessions', () => this.#devices()],
        tokens: ['Tokens', () => this.#tokens()],
        invites: ['Invitations', () => this.#invites()],
        settings: ['This browser', () => this.#settings()],
    };

    open() {
        const tabs = Object.entries(this.#sections).filter(([name]) => name !== 'invites' || isStaff(this.state))
            .map(([name, [title]]) => button(title, () => this.#show(name), {
                class: 'tab', 'data-section': name, 'data-testid': `account-${name}`,
            }));
        const logOut = button('Log out', () => {
            dialog.close();
            this.chat.session.logOut();
        }, { class: 'tab danger', 'data-testid': 'log-out' });
        const dialog = openDialog('Your account', h('div', { class: 'account', 'data-testid': 'account' },
            h('nav', { 'aria-label': 'Account' }, tabs, logOut), this.#body), { class: 'wide' });
        this.#show('profile');
        tabs[0].focus();
    }

    async #show(name) {
        for (const tab of this.#body.parentElement.querySelectorAll('.tab')) {
            if (tab.dataset.section === name) tab.setAttribute('aria-current', 'true');
            else tab.removeAttribute('aria-current');
        }
        try {
            const parts = this.#sections[name][1]();
            if (parts instanceof Promise) fill(this.#body, skeleton(80));
            fill(this.#body, await parts);
        } catch (error) {
            fill(this.#body, problem(error.message));
        }
    }

    #list(name, items, { title, hint, mark, path, end = 'Revoke' }) {
        return h('ul', { class: 'things' }, items.filter((item) => !item.revoked_at).map((item) => h('li', {},
            h('div', {}, h('strong', {}, title(item)), h('p', { class: 'hint' }, hint(item))),
            mark?.(item) ? h('span', { class: 'note' }, mark(item))
                : button(end, () => this.#remove(name, `${path}/${item.id}`), { 'aria-label': `${end} ${title(item)}` }))));
    }

    async #remove(name, path) {
        try {
            await call('DELETE', path);
            await this.#show(name);
        } catch (error) {
            this.chat.fail(error);
        }
    }

    #profile() {
        const { me } = this.state;
        return [formOf({
            fields: [h('div', { class: 'me' }, avatar(me, 'large'), h('span', { class: 'handle' }, `@${me.name}`)),
                field('Display name', { name: 'display_name', required: true, maxlength: 64, value: me.display_name })],
            submit: 'Save',
            send: async (fields) => {
                const answer = await call('PATCH', '/me', fields);
                this.dispatch('people/loaded', { people: [answer.me] });
                this.chat.say('Saved');
                await this.#show('profile');
            },
        }), formOf({
            fields: [h('h3', {}, 'Change password'),
                field('Current password', { ...PASSWORD, name: 'current', autocomplete: 'current-password' }),
                field('New password', { ...PASSWORD, name: 'new', minlength: 8, autocomplete: 'new-password' },
                    'At least 8 characters. Your other sessions end.')],
            submit: 'Change password',
            send: async (fields, form) => {
                await call('POST', '/me/password', fields);
                form.reset();
                this.chat.say('Your password is changed.');
            },
        })];
    }

    async #devices() {
        const { sessions } = await call('GET', '/me/sessions');
        return [this.#list('devices', sessions, {
            path: '/me/sessions', end: 'End', title: (one) => deviceName(one.user_agent), mark: (one) => one.current && 'This one',
            hint: (one) => [one.last_used_at && dayAndTime(one.last_used_at), one.address].filter(Boolean).join(' · '),
        }), sessions.length > 1 && button('End all others', () => this.#remove('devices', '/me/sessions'), {
            class: 'plain danger',
        })];
    }

    async #tokens() {
        const { tokens } = await call('GET', '/me/tokens');
        return [h('p', { class: 'hint' }, 'A program that has one of these acts as you.'), this.#list('tokens', tokens, {
            path: '/me/tokens', title: (token) => token.name,
            hint: (token) => `${token.scopes.join(', ')} · ${dayAndTime(token.created_at)}`,
        }), formOf({
            fields: [field('Name', { name: 'name', required: true, maxlength: 64 },
                'What the token is for, such as “backup script”.')],
            submit: 'Create token',
            send: async ({ name }) => {
                const { secret } = await call('POST', '/me/tokens', { name, scopes: ['chat'] });
                await this.#showOnce('tokens', 'Copy it now, it is not shown again:', secret);
            },
        })];
    }

    async #invites() {
        const { invites } = await call('GET', '/invites');
        return [h('p', { class: 'hint' }, 'A link lets as many people in as you say.'), this.#list('invites', invites, {
            path: '/invites', title: (invite) => `${invite.uses} of ${invite.uses_max ?? 'any'} used`,
            hint: (invite) => (invite.expires_at ? `until ${dayAndTime(invite.expires_at)}` : 'without end'),
        }), formOf({
            fields: [field('How many people', { name: 'uses', type: 'number', min: 1, max: 1000, value: 1, required: true }),
                field('Valid for days', { name: 'days', type: 'number', min: 1, max: 365, value: 7, required: true })],
            submit: 'Create link',
            send: async ({ uses, days }) => {
                const { code } = await call('POST', '/invites', { uses_max: Number(uses), expires_in: Number(days) * DAY_S });
                await this.#showOnce('invites', 'Whoever has this link can make an account:', `${location.origin}/#invite=${code}`);
            },
        })];
    }

    /** A secret above its section, this once. */
    async #showOnce(section, text, secret) {
        await this.#show(section);
        const input = h('input', { readonly: true, value: secret, 'aria-label': text, 'data-testid': 'secret' });
        this.#body.prepend(h('div', { class: 'notice once' }, h('p', {}, text), input, button('Copy', () => {
            input.select();
            navigator.clipboard?.writeText(secret).then(() => this.chat.say('Copied'), () => {});
        })));
    }

    #settings() {
        const { notifications } = this.chat;
        const setting = (label, name, options, value = kept(`setting:${name}`), after = () => {}) => (
            choice(label, options, value, (chosen) => {
                keep(`setting:${name}`, chosen);
                after(chosen);
            }));
        return h('div', { class: 'fields' },
            setting('Colours', 'theme', [['', 'As the system'], ['light', 'Light'], ['dark', 'Dark']], undefined, applyTheme),
            setting('Enter key', 'enter', [['', 'Sends the message'], ['line', 'Starts a new line; Ctrl+Enter sends']]),
            setting('Notifications', 'bell', [['off', 'Off'], ['', 'Mentions and conversations'], ['all', 'As each room says']],
                notifications.enabled ? undefined : 'off', (value) => value !== 'off' && notifications.turnOn()),
            setting('Sound', 'sound', [['', 'None'], ['on', 'With each notification']]));
    }
}
