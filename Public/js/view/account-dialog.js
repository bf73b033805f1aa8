import { keepSetting, setting } from '../device/kept.js';
import { isStaff } from '../model/selectors.js';
import { call } from '../net/rest.js';
import { avatar } from './avatar.js';
import { choice, field, formOf, openDialog } from './dialog.js';
import { h } from './dom.js';
import { fullTime } from './time.js';

const DAY_S = 86_400;
const SECTIONS = { profile: 'Profile', devices: 'Sessions', tokens: 'Tokens', invites: 'Invitations', settings: 'This browser' };

/** "Chrome on Linux", as far as a user agent tells. */
function deviceName(agent = '') {
    const browser = [['Edg/', 'Edge'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']]
        .find(([mark]) => agent.includes(mark))?.[1];
    const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac', 'Linux'].find((name) => agent.includes(name));
    return browser ? `${browser}${system ? ` on ${system}` : ''}` : agent.split(/[\s/]/)[0] || 'Unknown device';
}

/** One's own account, and what this browser does. */
export class AccountDialog {
    #chat;
    #body = h('div', { class: 'account-body' });
    #sections = {
        profile: () => this.#profile(), devices: () => this.#devices(), tokens: () => this.#tokens(),
        invites: () => this.#invites(), settings: () => [this.#settings()],
    };

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
    }

    open() {
        const names = Object.keys(SECTIONS).filter((name) => name !== 'invites' || isStaff(this.#chat.store.state));
        const tabs = names.map((name) => h('button', {
            type: 'button', class: 'tab', 'data-section': name, 'data-testid': `account-${name}`, on: { click: () => this.#show(name) },
        }, SECTIONS[name]));
        const logOut = h('button', {
            type: 'button', class: 'tab danger', 'data-testid': 'log-out',
            on: { click: () => { dialog.close(); this.#chat.session.logOut(); } },
        }, 'Log out');
        const content = h('div', { class: 'account', 'data-testid': 'account' }, h('nav', { 'aria-label': 'Account' }, tabs, logOut), this.#body);
        const dialog = openDialog('Your account', content, { class: 'wide' });
        this.#show('profile');
        tabs[0].focus();
    }

    async #show(name) {
        for (const tab of this.#body.parentElement.querySelectorAll('.tab')) {
            if (tab.dataset.section === name) tab.setAttribute('aria-current', 'true');
            else tab.removeAttribute('aria-current');
        }
        try {
            const parts = this.#sections[name]();
            if (parts instanceof Promise) this.#body.replaceChildren(h('div', { class: 'skeleton' }, h('i', { class: 'bone w80' })));
            this.#body.replaceChildren(...[await parts].flat(Infinity).filter(Boolean));
        } catch (error) {
            this.#body.replaceChildren(h('p', { class: 'problem', role: 'alert' }, error.message));
        }
    }

    #list(name, items, { title, hint, mark, path, end = 'End' }) {
        return h('ul', { class: 'things' }, items.map((item) => h('li', {},
            h('div', {}, h('strong', {}, title(item)), h('p', { class: 'hint' }, hint(item))),
            mark?.(item) ? h('span', { class: 'note' }, mark(item)) : h('button', {
                class: 'plain', type: 'button', 'aria-label': `${end} ${title(item)}`,
                on: { click: () => this.#do(name, () => call('DELETE', `${path}/${item.id}`)) },
            }, end))));
    }

    async #do(name, act) {
        try {
            await act();
            await this.#show(name);
        } catch (error) {
            this.#chat.fail(error);
        }
    }

    #profile() {
        const { me } = this.#chat.store.state;
        const profile = formOf({
            fields: [h('div', { class: 'me' }, avatar(me, 'large'), h('span', { class: 'handle' }, `@${me.name}`)),
                field('Display name', { name: 'display_name', required: true, maxlength: 64, value: me.display_name })],
            submit: 'Save',
            send: async (fields) => {
                const answer = await call('PATCH', '/me', fields);
                this.#chat.store.dispatch({ type: 'people/loaded', people: [answer.me] });
                this.#chat.say('Saved');
                await this.#show('profile');
            },
        });
        const password = formOf({
            fields: [h('h3', {}, 'Change password'),
                field('Current password', { name: 'current', type: 'password', required: true, autocomplete: 'current-password' }),
                field('New password', { name: 'new', type: 'password', required: true, minlength: 8, autocomplete: 'new-password' },
                    'At least 8 characters. Your other sessions end.')],
            submit: 'Change password',
            send: async (fields, form) => {
                await call('POST', '/me/password', fields);
                form.reset();
                this.#chat.say('Your password is changed.');
            },
        });
        return [profile, password];
    }

    async #devices() {
        const { sessions } = await call('GET', '/me/sessions');
        return [
            this.#list('devices', sessions, {
                path: '/me/sessions', title: (one) => deviceName(one.user_agent), mark: (one) => one.current && 'This one',
                hint: (one) => [one.address, one.last_used_at && `last used ${fullTime(Date.parse(one.last_used_at))}`].filter(Boolean).join(' · '),
            }),
            sessions.length > 1 && h('button', {
                class: 'plain danger', type: 'button', on: { click: () => this.#do('devices', () => call('DELETE', '/me/sessions')) },
            }, 'End all others'),
        ];
    }

    async #tokens() {
        const { tokens } = await call('GET', '/me/tokens');
        const form = formOf({
            fields: [field('Name', { name: 'name', required: true, maxlength: 64 }, 'What the token is for, such as “backup script”.')],
            submit: 'Create token',
            send: async ({ name }) => {
                const { secret } = await call('POST', '/me/tokens', { name, scopes: ['chat'] });
                await this.#show('tokens');
                this.#body.prepend(this.#once('Copy it now, it is not shown again:', secret));
            },
        });
        return [h('p', { class: 'hint' }, 'A program that has one of these acts as you.'),
            this.#list('tokens', tokens.filter((token) => !token.revoked_at), {
                path: '/me/tokens', end: 'Revoke', title: (token) => token.name,
                hint: (token) => `${token.scopes.join(', ')} · made ${fullTime(Date.parse(token.created_at))}`,
            }), form];
    }

    async #invites() {
        const { invites } = await call('GET', '/invites');
        const form = formOf({
            fields: [field('How many people', { name: 'uses', type: 'number', min: 1, max: 1000, value: 1, required: true }),
                field('Valid for days', { name: 'days', type: 'number', min: 1, max: 365, value: 7, required: true })],
            submit: 'Create link',
            send: async ({ uses, days }) => {
                const { code } = await call('POST', '/invites', { uses_max: Number(uses), expires_in: Number(days) * DAY_S });
                await this.#show('invites');
                this.#body.prepend(this.#once('Whoever has this link can make an account:', `${location.origin}/#invite=${code}`));
            },
        });
        return [this.#list('invites', invites.filter((invite) => !invite.revoked_at), {
            path: '/invites', end: 'Revoke', title: (invite) => `${invite.uses} of ${invite.uses_max ?? 'any'} used`,
            hint: (invite) => (invite.expires_at ? `until ${fullTime(Date.parse(invite.expires_at))}` : 'without end'),
        }), form];
    }

    /** A secret that is shown this once. */
    #once(text, secret) {
        const input = h('input', { readonly: true, value: secret, 'aria-label': text, 'data-testid': 'secret' });
        return h('div', { class: 'notice once' }, h('p', {}, text), input, h('button', {
            class: 'plain', type: 'button', on: { click: () => {
                input.select();
                navigator.clipboard?.writeText(secret).then(() => this.#chat.say('Copied'), () => {});
            } },
        }, 'Copy'));
    }

    #settings() {
        const { notifications } = this.#chat;
        return h('div', { class: 'fields' },
            choice('Colours', [['', 'As the system'], ['light', 'Light'], ['dark', 'Dark']], setting('theme') ?? '', (theme) => {
                keepSetting('theme', theme);
                applyTheme();
            }),
            choice('Enter key', [['', 'Sends the message'], ['line', 'Starts a new line; Ctrl+Enter sends']],
                setting('enter') ?? '', (value) => keepSetting('enter', value)),
            choice('Notifications', [['off', 'Off'], ['', 'Mentions and conversations'], ['all', 'As each room says']],
                notifications.enabled ? setting('bell') ?? '' : 'off',
                async (value) => {
                    keepSetting('bell', value);
                    if (value !== 'off' && !await notifications.enable()) this.#chat.say('This browser does not allow notifications.', 'warn');
                }));
    }
}

/** Light, dark, or as the system. */
export function applyTheme() {
    const theme = setting('theme');
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
}
