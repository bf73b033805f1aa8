import { byId } from './dom.js';

/** The pages before the chat: log in, first run, and "cannot be reached". */
export class Doors {
    /** @param {import('../app/chat.js').Chat} chat */
    constructor(chat) {
        submitWith(byId('login'), (fields) => chat.session.logIn(fields.name, fields.password));
        submitWith(byId('setup'), (fields) => chat.session.setUp(fields.name, fields.password));
        byId('try-again').addEventListener('click', () => chat.session.start());
    }

    /** @param {import('../model/state.js').State} state */
    draw({ screen, notice }) {
        for (const element of document.querySelectorAll('.screen')) element.hidden = element.dataset.for !== screen;
        const shown = document.querySelector(`.screen[data-for="${screen}"]`);
        const place = shown?.querySelector('[data-part="notice"]');
        if (place) {
            place.textContent = notice;
            place.hidden = notice === '';
        }
        if (document.body.dataset.screen === screen) return;
        document.body.dataset.screen = screen;
        if (screen === 'login' || screen === 'setup') shown.querySelector('input').focus();
    }
}

/** Sends a form's fields once at a time and says in words what was wrong, at the field where the server names one. */
function submitWith(form, action) {
    const problem = form.querySelector('[data-part="problem"]');
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const button = form.querySelector('button[type="submit"]');
        const inputs = [...form.querySelectorAll('input')];
        for (const input of inputs) input.removeAttribute('aria-invalid');
        problem.hidden = true;
        button.disabled = true;
        try {
            await action(Object.fromEntries(new FormData(form)));
            form.reset();
        } catch (error) {
            problem.textContent = error.message;
            problem.hidden = false;
            const wrong = inputs.find((input) => input.name === error.field) ?? inputs.at(-1);
            wrong.setAttribute('aria-invalid', 'true');
            wrong.focus();
            wrong.select();
        } finally {
            button.disabled = false;
        }
    });
}
