import { h, roving } from './dom.js';

const GAP_PX = 4;
const EDGE_PX = 8;

/**
 * Something small beside what opened it. The browser closes it on Escape and on a click elsewhere.
 * @param {Element} anchor
 * @param {HTMLElement} content
 * @param {{label: string, role?: 'menu' | 'dialog', columns?: number}} options
 * @returns {() => void} closes it
 */
export function openPopover(anchor, content, { label, role = 'menu', columns }) {
    const popover = h('div', { class: 'popover', popover: 'auto', role, 'aria-label': label }, content);
    popover.addEventListener('toggle', (event) => { if (event.newState === 'closed') popover.remove(); });
    // Inside the dialog that it belongs to, else it would lie below.
    (anchor.closest('dialog') ?? document.body).append(popover);
    popover.showPopover();
    const { left, right, top, bottom } = anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = popover;
    const below = bottom + GAP_PX + height <= innerHeight - EDGE_PX;
    const x = left + width <= innerWidth - EDGE_PX ? left : right - width;
    popover.style.left = `${Math.max(EDGE_PX, x)}px`;
    popover.style.top = `${Math.max(EDGE_PX, below ? bottom + GAP_PX : top - GAP_PX - height)}px`;
    roving(content, { columns });
    content.querySelector('input, button')?.focus();
    return () => popover.hidePopover();
}

/**
 * @param {Element} anchor @param {string} label
 * @param {{label: string, danger?: boolean, choose: () => void}[]} items
 */
export function openMenu(anchor, label, items) {
    const close = openPopover(anchor, h('div', { class: 'menu' }, items.map((item) => h('button', {
        type: 'button', role: 'menuitem', class: item.danger ? 'danger' : null,
        on: { click: () => { close(); item.choose(); } },
    }, item.label))), { label });
}
