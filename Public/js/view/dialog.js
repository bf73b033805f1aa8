import { h, iconButton } from './dom.js';

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
            iconButton('close', 'Close', () => dialog.close())),
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

/** A form whose fields are sent once at a time; a refusal stands above them and marks its field. @param {FormParts} parts */
export function formOf({ fields, submit, send, properties = {} }) {
    const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    const button = h('button', { class: 'primary', type: 'submit' }, submit);
    const form = h('form', { class: 'fields', ...properties }, problem, fields, button);
    sendWith(form, problem, send);
    return form;
}

/** What `formOf` does, for a form of index.html. @param {HTMLFormElement} form @param {HTMLElement} problem */
export function sendWith(form, problem, send) {
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const button = form.querySelector('[type="submit"]');
        const inputs = [...form.querySelectorAll('input')];
        for (const input of inputs) input.removeAttribute('aria-invalid');
        problem.hidden = true;
        button.disabled = true;
        try {
            await send(Object.fromEntries(new FormData(form)), form);
        } catch (error) {
            problem.textContent = error.message;
            problem.hidden = false;
            const wrong = inputs.find((input) => input.name === error.field) ?? inputs.at(-1);
            wrong?.setAttribute('aria-invalid', 'true');
            wrong?.focus();
            wrong?.select();
        } finally {
            button.disabled = false;
        }
    });
}

let hints = 0;

/** A labelled field. @param {string} label @param {object} properties of the input @param {string} [hint] @returns {Node[]} */
export function field(label, properties, hint) {
    const id = hint && `hint-${hints += 1}`;
    const input = h('input', { autocomplete: 'off', 'aria-describedby': id, ...properties });
    return [h('label', {}, label, input), hint && h('p', { class: 'hint', id }, hint)];
}

/** A labelled choice. @param {string} label @param {[string, string][]} options value and text */
export function choice(label, options, value, change) {
    return h('label', {}, label, h('select', { on: { change: (event) => change(event.target.value) } },
        options.map(([key, text]) => h('option', { value: key, selected: key === value }, text))));
}
