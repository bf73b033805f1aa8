import { openDialog } from './dialog.js';
import { h } from './dom.js';

/**
 * @typedef {Object} Option
 * @property {string} key
 * @property {string} label
 * @property {string} [hint] shown dimmed after the label
 * @property {string} [note] shown at the end of the row
 * @property {boolean} [dim] whether the note is of no importance
 * @property {() => Node} glyph
 * @property {() => void | Promise<void>} choose
 */

/**
 * A dialog with a search field over a list: arrow keys move, Enter takes, Escape closes.
 * @param {{title: string, placeholder: string, empty: string, options: () => Option[], fail: (error: Error) => void}} choice
 * @returns {{refresh: () => void}} to call when the options have changed
 */
export function pick({ title, placeholder, empty, options, fail }) {
    const field = h('input', {
        type: 'text', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'picker-list', 'aria-autocomplete': 'list',
        'aria-label': placeholder, placeholder, autocomplete: 'off', spellcheck: 'false', maxlength: 100,
        'data-testid': 'picker-field',
    });
    const list = h('ul', { id: 'picker-list', role: 'listbox', 'aria-label': title });
    let shown = [];
    let at = 0;

    const choose = (option) => {
        dialog.close();
        Promise.resolve(option.choose()).catch(fail);
    };
    const mark = () => {
        [...list.children].forEach((item, index) => item.setAttribute('aria-selected', String(index === at)));
        const marked = shown.length > 0 ? list.children[at] : null;
        if (marked) field.setAttribute('aria-activedescendant', marked.id);
        else field.removeAttribute('aria-activedescendant');
        marked?.scrollIntoView({ block: 'nearest' });
    };
    const draw = () => {
        shown = search(options(), field.value);
        at = Math.min(at, Math.max(0, shown.length - 1));
        list.replaceChildren(...shown.map((option, index) => h('li', {
            id: `option-${index}`, role: 'option', 'data-testid': 'option',
            on: { click: () => choose(option), pointermove: () => { if (at !== index) { at = index; mark(); } } },
        }, option.glyph(), h('span', { class: 'name' }, option.label),
        option.hint && h('span', { class: 'handle' }, option.hint),
        option.note && h('span', { class: option.dim ? 'note dim' : 'note' }, option.note))));
        if (shown.length === 0) list.append(h('li', { class: 'hint', role: 'presentation' }, empty));
        mark();
    };
    field.addEventListener('input', () => {
        at = 0;
        draw();
    });
    field.addEventListener('keydown', (event) => {
        if (event.isComposing) return;
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            const step = event.key === 'ArrowDown' ? 1 : -1;
            at = (at + step + shown.length) % Math.max(1, shown.length);
            mark();
        } else if (event.key === 'Enter' && shown[at]) {
            event.preventDefault();
            choose(shown[at]);
        }
    });
    const dialog = openDialog(title, h('div', { class: 'picker' }, field, list), { class: 'top' });
    draw();
    return { refresh: draw };
}

/**
 * Keeps what matches: the beginning of a word is better than the middle, letters in order will do.
 * @param {Option[]} options @param {string} query @returns {Option[]}
 */
function search(options, query) {
    const wanted = query.trim().toLowerCase().replace(/^[#@]/, '');
    if (wanted === '') return options;
    return options
        .map((option) => ({ option, score: score(`${option.label} ${option.hint ?? ''}`.toLowerCase(), wanted) }))
        .filter(({ score: points }) => points > 0)
        .sort((a, b) => b.score - a.score)
        .map(({ option }) => option);
}

function score(text, wanted) {
    const at = text.indexOf(wanted);
    if (at === 0) return 4;
    if (at > 0) return /\w/.test(text[at - 1]) ? 2 : 3;
    let from = 0;
    for (const letter of wanted) {
        from = text.indexOf(letter, from) + 1;
        if (from === 0) return 0;
    }
    return 1;
}
