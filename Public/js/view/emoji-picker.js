import { ranked } from '../model/completion.js';
import { EMOJI } from '../model/emoji.js';
import { h } from './dom.js';
import { openPopover } from './popover.js';

/** @param {Element} anchor @param {(emoji: string) => void} choose */
export function pickEmoji(anchor, choose) {
    const field = h('input', { type: 'search', 'aria-label': 'Find an emoji', placeholder: 'Find an emoji', autocomplete: 'off' });
    const grid = h('div', { class: 'emoji-grid' });
    const draw = () => grid.replaceChildren(...ranked(EMOJI, field.value, ({ words }) => words).map(({ emoji, name }) => (
        h('button', {
            type: 'button', title: `:${name}:`, 'aria-label': name, on: { click: () => { close(); choose(emoji); } },
        }, emoji))));
    field.addEventListener('input', draw);
    field.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' || event.key === 'ArrowDown') {
            event.preventDefault();
            event.stopPropagation();
            const [first] = grid.children;
            if (event.key === 'Enter') first?.click();
            else first?.focus();
        }
    });
    draw();
    const content = h('div', { class: 'emoji', 'data-testid': 'emoji-picker' }, field, grid);
    const close = openPopover(anchor, content, { label: 'Emoji', role: 'dialog', columns: 8 });
}
