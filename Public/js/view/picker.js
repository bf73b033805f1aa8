import { ranked } from '../model/completion.js';
import { openDialog } from './dialog.js';
import { h } from './dom.js';

/**
 * A dialog with a search field over a list: arrow keys move, Enter takes, Escape closes.
 * @param {Choice} choice @returns {{refresh: () => void}} to call when the options have changed
 */
export function pick({ title, placeholder, empty, options, fail, done }) {
    const field = h('input', {
        type: 'text', role: 'combobox', 'aria-controls': 'picker-list', 'aria-autocomplete': 'list',
        'aria-label': placeholder, placeholder, autocomplete: 'off', spellcheck: 'false', maxlength: 100,
        'data-testid': 'picker-field',
    });
    const list = h('ul', {
        id: 'picker-list', role: 'listbox', 'aria-label': title, 'aria-multiselectable': done ? 'true' : null,
    });
    // Beside the list: one without options is none for a screen reader.
    const nothing = h('p', { class: 'hint', role: 'status' }, empty);
    const ticked = new Set();
    let shown = [];
    let at = 0;

    const close = (run) => {
        dialog.close();
        Promise.resolve(run()).catch(fail);
    };
    const choose = (option) => {
        if (!done) return close(option.choose);
        if (!ticked.delete(option.key)) ticked.add(option.key);
        field.value = '';
        field.focus();
        return draw(option.key);
    };
    const button = done && h('button', {
        class: 'primary', type: 'button', 'data-testid': 'picker-done',
        on: { click: () => close(() => done.choose([...ticked])) },
    }, done.label);
    const mark = () => {
        [...list.children].forEach((item, index) => {
            item.classList.toggle('marked', index === at);
            item.setAttribute('aria-selected', String(done ? ticked.has(shown[index].key) : index === at));
        });
        const marked = shown.length > 0 ? list.children[at] : null;
        if (marked) field.setAttribute('aria-activedescendant', marked.id);
        else field.removeAttribute('aria-activedescendant');
        marked?.scrollIntoView({ block: 'nearest' });
    };
    const draw = (keep) => {
        shown = ranked(options(), field.value, ({ label, hint = '' }) => `${label} ${hint}`);
        at = Math.max(0, keep ? shown.findIndex((option) => option.key === keep) : Math.min(at, shown.length - 1));
        list.replaceChildren(...shown.map((option, index) => h('li', {
            id: `option-${index}`, role: 'option', 'data-testid': 'option',
            on: { click: () => choose(option), pointermove: () => { if (at !== index) { at = index; mark(); } } },
        }, option.glyph(), h('span', { class: 'name' }, option.label),
        option.hint && h('span', { class: 'handle' }, option.hint),
        ticked.has(option.key) ? h('span', { class: 'note' }, '✓')
            : option.note && h('span', { class: option.dim ? 'note dim' : 'note' }, option.note))));
        list.hidden = shown.length === 0;
        nothing.hidden = !list.hidden;
        field.setAttribute('aria-expanded', String(!list.hidden));
        if (button) button.disabled = ticked.size === 0;
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
            at = (at + (event.key === 'ArrowDown' ? 1 : -1) + shown.length) % Math.max(1, shown.length);
            mark();
        } else if (event.key === 'Enter') {
            event.preventDefault();
            // With nothing searched for, Enter means "these".
            if (done && field.value === '' && ticked.size > 0) button.click();
            else if (shown[at]) choose(shown[at]);
        }
    });
    const dialog = openDialog(title, h('div', { class: 'picker' }, field, list, nothing, button), { class: 'top' });
    draw();
    return { refresh: draw };
}
