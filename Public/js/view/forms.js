import { sendWith } from './dialog.js';
import { byId } from './dom.js';

/** The pages before the chat. */
export class Doors {
    /** @param {Chat} chat */
    constructor(chat) {
        const sends = { login: 'logIn', setup: 'setUp', join: 'signUp' };
        for (const [id, action] of Object.entries(sends)) {
            const problem = byId(id).querySelector('[data-part="problem"]');
            sendWith(byId(id), problem, async (fields, form) => {
                await chat.session[action](fields);
                form.reset();
            });
        }
        byId('try-again').addEventListener('click', () => chat.session.start());
    }

    /** @param {State} state */
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
        shown?.querySelector('form input')?.focus();
    }
}
