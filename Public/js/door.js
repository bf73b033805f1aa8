import { applyTheme } from './app/device.js';
import { call } from './net/rest.js';
import { byId, sendWith } from './view/dom.js';

/*
 * The pages before the chat are plain forms which the server takes as they are. This makes them quicker: a refusal stands
 * beside its field without a new page. Secrets (the setup token, an invite's code) come in the fragment, which is never
 * sent or logged.
 */

const form = byId('door');
const [, kind, secret] = /^#(setup|invite)=([\w-]*)$/.exec(location.hash) ?? [];
const PAGES = { setup: '/setup/', invite: '/signup/' };

applyTheme();
if (kind && !location.pathname.startsWith(PAGES[kind])) location.replace(PAGES[kind] + location.hash);
else start().catch(() => {});

/** What a page does with its fields; each answers with the cookies of a session. */
const send = {
    '/login': (fields) => call('POST', '/sessions', fields),
    '/setup': (fields) => call('POST', '/setup', fields),
    '/signup': (fields) => call('POST', '/signup', filled(fields)),
}[form.getAttribute('action')];

sendWith(form, async (fields) => {
    await send(fields);
    enter();
});

/** Without what was left empty. */
function filled(fields) {
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}

/** Goes to the chat, and there to the room that was asked for. */
function enter() {
    location.replace(`/${location.search}${location.hash.startsWith('#/') ? location.hash : ''}`);
}

async function start() {
    const code = byId('code');
    if (code && secret) {
        code.querySelector('input').value = secret;
        code.hidden = true;
    }
    const [{ me, needed }, { open, invite }] = await Promise.all([
        call('GET', '/setup'), call('GET', kind === 'invite' ? `/signup?invite=${secret}` : '/signup')]);
    if (me) return enter();
    if (byId('nobody')) byId('nobody').hidden = !needed;
    if (byId('open')) byId('open').hidden = !open;
    if (!byId('lead')) return undefined;
    if (kind === 'invite' && !open && !invite?.valid) return location.replace('/login/#uninvited');
    if (kind === 'invite' || open) {
        byId('lead').textContent = `${kind === 'invite' ? 'You are invited. ' : ''}Make your account and join the chat.`;
        code.hidden = true;
    }
    return undefined;
}
