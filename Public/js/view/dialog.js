import { ranked } from '../model/selectors.js';
import { button, fill, h, iconButton, roving, sendWith } from './dom.js';

/**
 * Opens a modal dialog that removes itself when closed and gives the focus back to where it was.
 * @param {string} title
 * @param {HTMLElement} content
 * @param {{onClose?: () => void, class?: string}} [options]
 * @returns {{close: () => void}}
 */
export function openDialog(title, content, options = {}) {
    const before = document.activeElement;
    const close = () => dialog.close();
    const dialog = h('dialog', {
        class: options.class ?? '', 'aria-labelledby': 'dialog-title',
        close: () => {
            dialog.remove();
            options.onClose?.();
            if (document.activeElement === document.body && before?.isConnected) before.focus();
        },
        // A click on the backdrop has the dialog itself as its target.
        pointerdown: (event) => { if (event.target === dialog) close(); },
    }, h('header', {}, h('h2', { id: 'dialog-title' }, title), iconButton('close', 'Close', close)), content);
    document.body.append(dialog);
    dialog.showModal();
    content.querySelector('input')?.focus();
    return { close };
}

/** A form with a place for refusals. @param {FormParts} parts @returns {HTMLFormElement} */
export function formOf({ fields, submit, send, properties = {} }) {
    const form = h('form', { class: 'fields', ...properties }, h('p', { class: 'problem', role: 'alert', hidden: true }), fields,
        h('button', { class: 'primary', type: 'submit' }, submit));
    sendWith(form, send);
    return form;
}

let hints = 0;

/** A labelled field. @param {string} label @param {object} properties of the input @param {string} [hint] @returns {Node[]} */
export function field(label, properties, hint) {
    const id = hint && `hint-${hints += 1}`;
    const input = h('input', { autocomplete: 'off', 'aria-describedby': id, ...properties });
    return [h('label', {}, label, input), hint && h('p', { class: 'hint', id }, hint)];
}

/** A box to tick, with what it means. @param {string} name @param {string} label @param {string} hint @param {boolean} [checked] */
export function check(name, label, hint, checked = false) {
    return h('label', { class: 'check' }, h('input', { type: 'checkbox', name, checked }),
        h('span', {}, label, h('small', {}, hint)));
}

/** A labelled choice. @param {string} label @param {[string, string][]} options value and text */
export function choice(label, options, value, chosen) {
    return h('label', {}, label, h('select', { change: (event) => chosen(event.target.value) },
        options.map(([key, text]) => h('option', { value: key, selected: key === value }, text))));
}

const GAP_PX = 4;
const EDGE_PX = 8;

/**
 * Something small beside what opened it. The browser closes it on Escape and on a click elsewhere.
 * @param {Element} anchor
 * @param {HTMLElement} content
 * @param {{label: string, role?: 'menu' | 'dialog', columns?: number}} options
 * @returns {() => void} closes it
 */
function openPopover(anchor, content, { label, role = 'menu', columns }) {
    const popover = h('div', {
        class: 'popover', popover: 'auto', role, 'aria-label': label,
        toggle: (event) => { if (event.newState === 'closed') popover.remove(); },
    }, content);
    // Inside the dialog that it belongs to, else it would lie below.
    (anchor.closest('dialog') ?? document.body).append(popover);
    popover.showPopover();
    const { left, right, top, bottom } = anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = popover;
    const below = bottom + GAP_PX + height <= innerHeight - EDGE_PX;
    const x = left + width <= innerWidth - EDGE_PX ? left : right - width;
    popover.style.left = `${Math.max(EDGE_PX, x)}px`;
    popover.style.top = `${Math.max(EDGE_PX, below ? bottom + GAP_PX : top - GAP_PX - height)}px`;
    roving(content, columns);
    content.querySelector('input, button')?.focus();
    return () => popover.hidePopover();
}

/**
 * @param {Element} anchor @param {string} label
 * @param {{label: string, danger?: boolean, checked?: boolean, choose: () => void}[]} items `checked` makes a choice of them
 */
export function openMenu(anchor, label, items) {
    const close = openPopover(anchor, h('div', { class: 'menu' }, items.map((item) => button(item.label, () => {
        close();
        item.choose();
    }, {
        class: item.danger && 'danger', role: item.checked === undefined ? 'menuitem' : 'menuitemradio',
        'aria-checked': item.checked === undefined ? null : String(item.checked),
    }))), { label });
}

/** @param {Element} anchor @param {State['emoji']} emoji @param {(emoji: string) => void} choose */
export function pickEmoji(anchor, emoji, choose) {
    const grid = h('div', { class: 'emoji-grid' });
    const draw = () => fill(grid, ranked(emoji, query.value, ({ words }) => words).map(({ emoji: one, name }) => (
        button(one, () => { close(); choose(one); }, { class: null, title: `:${name}:`, 'aria-label': name }))));
    const query = h('input', {
        type: 'search', 'aria-label': 'Find an emoji', placeholder: 'Find an emoji', autocomplete: 'off', input: draw,
        keydown: (event) => {
            const act = { Enter: 'click', ArrowDown: 'focus' }[event.key];
            if (!act) return;
            event.preventDefault();
            event.stopPropagation();
            grid.firstChild?.[act]();
        },
    });
    draw();
    const content = h('div', { class: 'emoji', 'data-testid': 'emoji-picker' }, query, grid);
    const close = openPopover(anchor, content, { label: 'Emoji', role: 'dialog', columns: 8 });
}

/**
 * A dialog with a search field over a list: arrow keys move, Enter takes, Escape closes.
 * @param {Choice} choice @returns {{refresh: () => void}} to call when the options have changed
 */
export function pick({ title, placeholder, empty, options, fail, done }) {
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
        query.value = '';
        query.focus();
        return draw(option.key);
    };
    const take = done && button(done.label, () => close(() => done.choose([...ticked])), {
        class: 'primary', 'data-testid': 'picker-done',
    });
    const query = h('input', {
        type: 'text', role: 'combobox', 'aria-controls': 'picker-list', 'aria-autocomplete': 'list',
        'aria-label': placeholder, placeholder, autocomplete: 'off', spellcheck: 'false', maxlength: 100,
        'data-testid': 'picker-field',
        input: () => {
            at = 0;
            draw();
        },
        keydown: (event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (event.isComposing || (!step && event.key !== 'Enter')) return;
            event.preventDefault();
            if (step) {
                at = (at + step + shown.length) % Math.max(1, shown.length);
                mark();
            } else if (done && query.value === '' && ticked.size > 0) {
                // With nothing searched for, Enter means "these".
                take.click();
            } else if (shown[at]) {
                choose(shown[at]);
            }
        },
    });
    const mark = () => {
        [...list.children].forEach((item, index) => {
            item.classList.toggle('marked', index === at);
            item.setAttribute('aria-selected', String(done ? ticked.has(shown[index].key) : index === at));
        });
        const marked = shown.length > 0 ? list.children[at] : null;
        if (marked) query.setAttribute('aria-activedescendant', marked.id);
        else query.removeAttribute('aria-activedescendant');
        marked?.scrollIntoView({ block: 'nearest' });
    };
    const draw = (keep) => {
        shown = ranked(options(), query.value, (option) => option.words);
        at = Math.max(0, keep ? shown.findIndex((option) => option.key === keep) : Math.min(at, shown.length - 1));
        fill(list, shown.map((option, index) => h('li', {
            id: `option-${index}`, role: 'option', 'data-testid': 'option', click: () => choose(option),
            pointermove: () => { if (at !== index) { at = index; mark(); } },
        }, option.glyph(), h('span', { class: 'name' }, option.label), option.hint && h('span', { class: 'handle' }, option.hint),
        ticked.has(option.key) ? h('span', { class: 'note' }, '✓')
            : option.note && h('span', { class: option.dim ? 'note dim' : 'note' }, option.note))));
        list.hidden = shown.length === 0;
        nothing.hidden = !list.hidden;
        query.setAttribute('aria-expanded', String(!list.hidden));
        if (take) take.disabled = ticked.size === 0;
        mark();
    };
    const dialog = openDialog(title, h('div', { class: 'picker' }, query, list, nothing, take), { class: 'top' });
    draw();
    return { refresh: draw };
}
