import { addressOf } from '../app/route.js';
import { personOf } from '../model/selectors.js';
import { avatar } from './avatar.js';
import { h, iconButton } from './dom.js';
import { icon } from './icons.js';
import { markup } from './markup.js';
import { clock, dayName, fullTime, shortClock } from './time.js';

/**
 * One row of the log. `update` changes the element in place, so that a message which is confirmed is neither read out
 * again nor torn from under a selection.
 */

const EVENTS = {
    joined: () => ['joined the room'],
    left: () => ['left the room'],
    created: () => ['created the room', 'The room was created'],
    added: (who) => [['added ', who], [who, ' was added']],
    removed: (who) => [['removed ', who], [who, ' was removed']],
    renamed: (_, name) => [`renamed the room to #${name}`, `The room was renamed to #${name}`],
    topic: (_, topic) => (topic ? [`set the topic: ${topic}`, `The topic was set: ${topic}`]
        : ['cleared the topic', 'The topic was cleared']),
    archived: () => ['archived the room', 'The room was archived'],
    restored: () => ['restored the room', 'The room was restored'],
    role: (who, role) => [['made ', who, ` ${role}`], [who, ` is ${role} now`]],
};

/** @param {Row} row @param {RowActions} actions @returns {RowView} */
export function rowView(row, actions) {
    switch (row.type) {
    case 'message':
    case 'pending': return messageView(row, actions);
    case 'event': return simpleView(row, (next) => eventElement(next, actions.state()));
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

function eventElement({ message, author }, state) {
    const name = (user) => h('bdi', {}, user.display_name);
    const make = EVENTS[message.kind] ?? (() => ['changed the room', 'The room was changed']);
    const [did, passive = ['Somebody ', did]] = make(message.target && name(personOf(state, message.target)), message.detail);
    return h('div', { class: 'event', 'data-seq': message.seq },
        message.author ? [name(author), ' ', did] : passive,
        h('time', { datetime: message.at, title: fullTime(Date.parse(message.at)) }, clock(Date.parse(message.at))));
}

function messageView(first, actions) {
    const element = h('article', { class: 'message', tabindex: -1, 'data-testid': 'message' });
    const view = { element, stamp: '', update };
    let shown = {};
    const parts = {};

    function update(row) {
        view.stamp = row.stamp;
        view.message = row.message;
        const { reply, body } = row.message ?? row.entry;
        const pending = row.type === 'pending';
        const message = row.message ?? {};
        const at = pending ? row.entry.created_at : Date.parse(message.at);
        const state = pending ? row.entry.state : 'stored';
        element.classList.toggle('lead', row.lead);
        element.dataset.state = state;
        if (!pending) element.dataset.seq = String(message.seq);

        redraw('head', [row.lead, row.author?.display_name, clock(at)], () => drawHead(row, at));
        redraw('quote', [reply?.seq, reply?.deleted, message.deleted_at], () => {
            parts.quote = reply && !message.deleted_at ? quote(row, reply, actions) : null;
        });
        redraw('content', [body, message.deleted_at, message.edited_at], () => drawContent(row, body, message));
        redraw('reactions', [JSON.stringify(message.reactions ?? [])], () => {
            parts.reactions = message.reactions?.length ? reactions(message, actions) : null;
        });
        redraw('tools', [state, row.entry?.error], () => drawTools(row, state));
        element.replaceChildren(...[
            parts.gutter, parts.head, parts.quote, parts.content, parts.reactions, parts.tools].filter(Boolean));
    }

    function redraw(part, values, draw) {
        const stamp = values.join('|');
        if (shown[part] !== stamp) draw();
        shown[part] = stamp;
    }

    function drawHead({ lead, author }, at) {
        const time = h('time', { datetime: new Date(at).toISOString(), title: fullTime(at) },
            lead ? clock(at) : shortClock(at));
        const face = avatar(author);
        const show = () => actions.showPerson(author.id);
        face.addEventListener('click', show);
        parts.gutter = h('div', { class: 'gutter' }, lead ? face : time);
        // For a screen reader every message has its author; for the eye only the first of a group.
        parts.head = h('header', { class: lead ? '' : 'visually-hidden' },
            lead ? h('button', { class: 'author', type: 'button', tabindex: -1, on: { click: show } }, h('bdi', {}, author.display_name))
                : h('bdi', {}, author.display_name),
            author.role === 'bot' && lead && h('span', { class: 'tag' }, 'bot'), lead ? time : null);
    }

    function drawContent({ author }, body, { deleted_at: deletedAt, deleted_by: deletedBy, edited_at: editedAt }) {
        if (deletedAt) {
            const by = personOf(actions.state(), deletedBy ?? author.id);
            parts.content = h('div', { class: 'body deleted' }, 'Message deleted by ', h('bdi', {}, by.display_name));
            return;
        }
        parts.content = markup(body, actions.state());
        if (editedAt) {
            const mark = h('span', { class: 'edited', title: `Edited ${fullTime(Date.parse(editedAt))}` }, '(edited)');
            (parts.content.querySelector(':scope > p:last-child') ?? parts.content).append(' ', mark);
        }
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

/** What a message answers, in one line; a click goes there. */
function quote({ message, entry }, reply, actions) {
    const author = personOf(actions.state(), reply.author);
    return h('a', { class: 'quote', href: addressOf((message ?? entry).room, reply.seq), 'data-testid': 'quote' },
        icon('reply'), h('bdi', {}, author.display_name),
        h('span', {}, reply.deleted ? 'deleted message' : reply.body.replace(/\s+/g, ' ')));
}

function reactions(message, actions) {
    const buttons = message.reactions.map(({ emoji, count, users, me }) => {
        const names = users.map((id) => personOf(actions.state(), id).display_name);
        if (count > users.length) names.push(`${count - users.length} others`);
        return h('button', {
            class: 'reaction', type: 'button', 'aria-pressed': String(Boolean(me)), title: names.join(', '),
            'aria-label': `${emoji} ${count}: ${names.join(', ')}`, 'data-testid': 'reaction',
            on: { click: () => actions.react(message, emoji) },
        }, h('span', {}, emoji), String(count));
    });
    const add = iconButton('smile', 'Add a reaction', () => actions.pickReaction(message, add), { class: 'reaction add' });
    return h('div', { class: 'reactions' }, buttons, add);
}
