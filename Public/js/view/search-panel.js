import { personOf, roomTitle } from '../model/selectors.js';
import { avatar } from './avatar.js';
import { byId, h, iconButton } from './dom.js';
import { markup } from './markup.js';
import { fullTime, shortDate } from './time.js';

/** Finds messages; a result opens in its room, at its place. */
export class SearchPanel {
    #chat;
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
        this.#chat = chat;
        this.#close = close;
        this.#hint();
    }

    draw() {
        const panel = byId('panel');
        if (panel.contains(this.#field)) return;
        const form = h('form', { role: 'search', on: { submit: (event) => { event.preventDefault(); this.#search(); } } }, this.#field);
        panel.replaceChildren(h('header', {}, h('h2', {}, 'Search'), iconButton('close', 'Close', this.#close)), form, this.#results);
        this.#field.focus();
        this.#field.select();
    }

    #hint() {
        this.#results.replaceChildren(h('p', { class: 'hint' }, 'Words, or “a phrase”. Narrow it with ',
            ['from:ada', 'in:general', 'before:2026-01-31', 'after:2026-01-01'].map((example, index) => (
                [index > 0 ? ', ' : '', h('code', {}, example)])), '.'));
    }

    async #search(cursor) {
        const query = cursor ? this.#query : this.#field.value.trim();
        this.#query = query;
        if (query === '') return this.#hint();
        // Of two searches the later one counts, whichever answer comes last.
        const run = this.#run += 1;
        if (!cursor) this.#results.replaceChildren(h('div', { class: 'skeleton' }, h('i', { class: 'bone w80' }), h('i', { class: 'bone w60' })));
        try {
            const { results, next } = await this.#chat.messages.search(query, cursor);
            if (run !== this.#run) return undefined;
            const rows = results.map((result) => this.#result(result));
            if (!cursor) {
                this.#results.replaceChildren(h('p', { class: 'hint', role: 'status' },
                    results.length === 0 ? 'Nothing found.' : `${results.length}${next ? '+' : ''} found`));
            }
            this.#results.querySelector('.more')?.remove();
            this.#results.append(h('ul', {}, rows));
            if (next) {
                this.#results.append(h('button', {
                    class: 'plain more', type: 'button', on: { click: () => this.#search(next) },
                }, 'More'));
            }
        } catch (error) {
            if (run === this.#run) this.#results.replaceChildren(h('p', { class: 'problem', role: 'alert' }, error.message));
        }
        return undefined;
    }

    #result({ message, room }) {
        const { state } = this.#chat.store;
        const author = personOf(state, message.author);
        const known = state.rooms[room.id];
        const at = Date.parse(message.at);
        return h('li', { class: 'result', 'data-testid': 'result' },
            h('header', {}, avatar(author, 'small'), h('bdi', { class: 'name' }, author.display_name),
                h('time', { datetime: message.at, title: fullTime(at) }, shortDate(at))),
            markup(message.body, state),
            h('button', {
                class: 'plain open', type: 'button',
                'aria-label': `Open in ${known ? roomTitle(state, known) : `#${room.name}`}: ${message.body.slice(0, 60)}`,
                on: { click: () => this.#open(room.id, message.seq) },
            }, known ? roomTitle(state, known) : `#${room.name}`));
    }

    #open(room, seq) {
        // On a small screen the panel covers what it found.
        if (matchMedia('(width < 720px)').matches) this.#close();
        this.#chat.rooms.open(room, seq);
    }
}
