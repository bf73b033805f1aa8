import { avatar } from './avatar.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { markup } from './markup.js';
import { clock, dayName, fullTime, shortClock } from './time.js';

/**
 * One row of the log. `update` changes the element in place, so that a message which is confirmed is neither read out
 * again nor torn from under a selection.
 * @typedef {{element: HTMLElement, stamp: string, update: (row: import('../model/selectors.js').Row) => void}} RowView
 */

const EVENTS = {
    joined: ['joined the room', 'Somebody joined the room'],
    left: ['left the room', 'Somebody left the room'],
    created: ['created the room', 'The room was created'],
};

/**
 * @param {import('../model/selectors.js').Row} row
 * @param {{retry: (clientId: string) => void, discard: (clientId: string) => void}} actions
 * @returns {RowView}
 */
export function rowView(row, actions) {
    switch (row.type) {
    case 'message':
    case 'pending': return messageView(row, actions);
    case 'event': return simpleView(row, eventElement);
    case 'day': return simpleView(row, dayElement);
    case 'new': return simpleView(row, newElement);
    case 'gap': return simpleView(row, gapElement);
    }
}

function simpleView(row, make) {
    const view = { element: make(row), stamp: row.stamp, update: (next) => {
        view.stamp = next.stamp;
        const fresh = make(next);
        view.element.replaceChildren(...fresh.childNodes);
    } };
    return view;
}

function dayElement({ at }) {
    return h('div', { class: 'day', role: 'separator', 'aria-label': dayName(at) }, h('span', {}, dayName(at)));
}

function newElement() {
    return h('div', { class: 'new', role: 'separator', 'aria-label': 'New messages', 'data-testid': 'new-divider' },
        h('span', {}, 'New'));
}

function gapElement({ missing }) {
    return h('div', { class: 'gap' }, `Loading ${missing} ${missing === 1 ? 'message' : 'messages'}…`);
}

function eventElement({ message, author }) {
    const at = Date.parse(message.at);
    const [did, passive] = EVENTS[message.kind] ?? ['changed the room', 'The room was changed'];
    // A room made from the command line has no author among the people.
    return h('div', { class: 'event' }, message.author ? [h('bdi', {}, author.display_name), ` ${did}`] : passive,
        h('time', { datetime: message.at, title: fullTime(at) }, clock(at)));
}

function messageView(first, actions) {
    const element = h('article', { class: 'message', tabindex: -1, 'data-testid': 'message' });
    const view = { element, stamp: '', update };
    let shown = {};
    const parts = {};

    function update(row) {
        view.stamp = row.stamp;
        const pending = row.type === 'pending';
        const body = pending ? row.entry.body : row.message.body;
        const at = pending ? row.entry.created_at : Date.parse(row.message.at);
        const deleted = !pending && Boolean(row.message.deleted_at);
        const edited = !pending && Boolean(row.message.edited_at) && !deleted;
        const state = pending ? row.entry.state : 'stored';
        element.classList.toggle('lead', row.lead);
        element.dataset.state = state;
        if (!pending) element.dataset.seq = String(row.message.seq);

        const head = `${row.lead}|${row.author?.display_name}|${clock(at)}`;
        if (head !== shown.head) drawHead(row, at);
        const content = `${body}|${deleted}|${edited}`;
        if (content !== shown.content) drawContent(body, deleted, edited);
        const tools = `${state}|${pending ? row.entry.error : ''}`;
        if (tools !== shown.tools) drawTools(row, state);
        element.replaceChildren(...[parts.gutter, parts.head, parts.content, parts.tools].filter(Boolean));
        shown = { head, content, tools };
    }

    function drawHead({ lead, author }, at) {
        const time = h('time', { datetime: new Date(at).toISOString(), title: fullTime(at) },
            lead ? clock(at) : shortClock(at));
        parts.gutter = h('div', { class: 'gutter' }, lead ? avatar(author) : time);
        // For a screen reader every message has its author; for the eye only the first of a group.
        parts.head = h('header', { class: lead ? '' : 'visually-hidden' },
            h('bdi', { class: 'author' }, author.display_name), lead ? time : null);
    }

    function drawContent(body, deleted, edited) {
        parts.content = deleted
            ? h('div', { class: 'body deleted' }, 'This message was deleted.')
            : markup(body);
        if (edited) parts.content.append(h('span', { class: 'edited' }, '(edited)'));
    }

    function drawTools({ entry }, state) {
        parts.tools = null;
        if (state === 'waiting' || state === 'sending' || state === 'sent') {
            parts.tools = h('span', { class: 'delivery', title: 'Not sent yet' }, icon('clock'),
                h('span', { class: 'visually-hidden' }, 'Not sent yet'));
        } else if (state === 'failed') {
            parts.tools = h('div', { class: 'failure', role: 'alert' }, icon('alert'),
                h('span', {}, `Not sent: ${entry.error}`),
                h('button', { type: 'button', on: { click: () => actions.retry(entry.client_id) } }, 'Retry'),
                h('button', { type: 'button', on: { click: () => actions.discard(entry.client_id) } }, 'Delete'));
        }
    }

    update(first);
    return view;
}
