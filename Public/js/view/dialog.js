import { h } from './dom.js';
import { icon } from './icons.js';

/**
 * Opens a modal dialog that removes itself when closed and gives the focus back to where it was.
 * @param {string} title
 * @param {HTMLElement} content
 * @param {{onClose?: () => void, class?: string}} [options]
 * @returns {{close: () => void}}
 */
export function openDialog(title, content, options = {}) {
    const before = document.activeElement;
    const dialog = h('dialog', { class: options.class ?? '', 'aria-labelledby': 'dialog-title' },
        h('header', {},
            h('h2', { id: 'dialog-title' }, title),
            h('button', {
                class: 'quiet', type: 'button', 'aria-label': 'Close', title: 'Close', on: { click: () => dialog.close() },
            }, icon('close'))),
        content);
    dialog.addEventListener('close', () => {
        dialog.remove();
        options.onClose?.();
        if (document.activeElement === document.body && before?.isConnected) before.focus();
    });
    // A click on the backdrop has the dialog itself as its target.
    dialog.addEventListener('pointerdown', (event) => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);
    dialog.showModal();
    content.querySelector('input')?.focus();
    return { close: () => dialog.close() };
}
