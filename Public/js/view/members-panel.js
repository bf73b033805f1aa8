import { personOf } from '../model/selectors.js';
import { avatar } from './avatar.js';
import { byId, h } from './dom.js';
import { icon } from './icons.js';

/** The people of the open room. */
export class MembersPanel {
    #chat;
    #close;
    #fail;
    #panel = byId('members');

    /** @param {import('../app/chat.js').Chat} chat @param {{close: () => void, fail: (error: Error) => void}} actions */
    constructor(chat, { close, fail }) {
        this.#chat = chat;
        this.#close = close;
        this.#fail = fail;
    }

    /** @param {import('../model/state.js').State} state @param {boolean} open */
    draw(state, open) {
        const room = state.rooms[state.active];
        const members = state.members[state.active];
        this.#panel.hidden = !open || !room?.joined;
        if (this.#panel.hidden) return;
        const people = (members ?? [])
            .map(({ user, role }) => ({ user: personOf(state, user), role }))
            .sort((a, b) => a.user.display_name.localeCompare(b.user.display_name));
        this.#panel.replaceChildren(
            h('header', {},
                h('h2', {}, 'Members'),
                h('button', {
                    class: 'quiet', type: 'button', 'aria-label': 'Close', title: 'Close', on: { click: this.#close },
                }, icon('close'))),
            h('ul', {}, people.map(({ user, role }) => this.#person(state, user, role))),
            room.kind === 'public' ? h('button', {
                class: 'leave', type: 'button', 'data-testid': 'leave-room',
                on: { click: () => this.#chat.rooms.leave(room.id).catch(this.#fail) },
            }, icon('leave'), `Leave #${room.name}`) : '',
        );
    }

    #person(state, user, role) {
        const content = [avatar(user, 'small'), h('span', { class: 'name' }, user.display_name),
            h('span', { class: 'handle' }, user.id === state.me.id ? 'you' : role === 'owner' ? 'owner' : `@${user.name}`)];
        return h('li', {}, user.id === state.me.id
            ? h('span', { class: 'person' }, content)
            : h('button', {
                class: 'person', type: 'button', title: `Message ${user.display_name}`,
                on: { click: () => this.#chat.rooms.openDirect([user.id]).catch(this.#fail) },
            }, content));
    }
}
