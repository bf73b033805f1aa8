import { addressOf } from '../app/device.js';
import { isEmojiOnly, parse } from '../model/markdown.js';
import { listed, personOf, textOf } from '../model/selectors.js';
import { openDialog } from './dialog.js';
import { avatar, button, dayAndTime, dayName, fill, fullTime, h, icon, iconButton, timeOf, tint } from './dom.js';
import { gallery, stampOf } from './images.js';

/** What happened to a room, after the name of who did it. */
const EVENTS = {
    joined: () => 'joined the room',
    left: () => 'left the room',
    created: (_, __, direct) => (direct ? 'began the conversation' : 'created the room'),
    added: (who) => ['added ', who],
    removed: (who) => ['removed ', who],
    renamed: (_, name) => `renamed the room to #${name}`,
    topic: (_, topic) => (topic ? `set the topic: ${topic}` : 'cleared the topic'),
    archived: () => 'archived the room',
    restored: () => 'restored the room',
    role: (who, role) => ['made ', who, ` ${role}`],
};

const MAKERS = {
    day: ({ at }) => h('div', { class: 'day', role: 'separator', 'aria-label': dayName(at) }, h('span', {}, dayName(at))),
    new: () => h('div', { class: 'new', role: 'separator', 'aria-label': 'New messages', 'data-testid': 'new-divider' },
        h('span', {}, 'New')),
    gap: ({ missing }) => h('div', { class: 'gap' }, `Loading ${missing} ${missing === 1 ? 'message' : 'messages'}…`),
};

/** What happened to the room; a crowd that did the same is one sentence, which opens to one for each. */
function eventView(first, { state }) {
    const element = h('div', { class: 'event' });
    // Without an author it was done with chatctl.
    const name = (id) => (id ? h('bdi', {}, personOf(state(), id).display_name) : 'An administrator');
    const names = (ids) => {
        const { shown, more } = listed(ids);
        const parts = [...shown.map(name), ...(more ? [h('span', { class: 'others' }, `${more} others`)] : [])];
        return parts.map((part, index) => [index > 0 && (index < parts.length - 1 ? ', ' : ' and '), part]);
    };
    const sentence = (messages) => {
        const { kind, author, room, detail } = messages[0];
        const moves = kind === 'joined' || kind === 'left';
        const targets = messages.flatMap((message) => message.target ?? []);
        return [moves ? names(messages.map((message) => message.author)) : name(author), ' ',
            EVENTS[kind]?.(names(targets), detail, state().rooms[room]?.kind === 'direct') ?? 'changed the room',
            timeOf(Date.parse(messages.at(-1).at))];
    };

    function update({ messages }) {
        // An address that names any of them leads here.
        element.dataset.seq = messages.at(-1).seq;
        const open = element.querySelector('details')?.open;
        fill(element, listed(messages).more === 0 ? sentence(messages) : h('details', { open },
            h('summary', {}, sentence(messages)), messages.map((message) => h('p', {}, sentence([message])))));
    }

    update(first);
    return { element, update };
}

/**
 * One row of the log. `update` changes the element in place, so that a message which is confirmed is neither read out
 * again nor torn from under a selection.
 * @param {Row} row @param {RowActions} actions @returns {RowView}
 */
export function rowView(row, actions) {
    if (row.type === 'event') return eventView(row, actions);
    const make = MAKERS[row.type];
    if (!make) return messageView(row, actions);
    const element = make(row, actions);
    return { element, update: (next) => element.replaceChildren(...make(next, actions).childNodes) };
}

let views = 0;

function messageView(first, actions) {
    const id = `message-${views += 1}`;
    // Whoever it is from and what it says come first, the time last.
    const element = h('article', {
        class: 'message', tabindex: -1, 'data-testid': 'message', 'aria-labelledby': `${id}-author ${id}-body ${id}-images ${id}-time`,
    });
    const stamps = {};
    const parts = {};

    function update(row) {
        const pending = row.type === 'pending';
        const { reply, body, room, reactions, attachments, seq, deleted_at: deletedAt, edited_at: editedAt } = row.message ?? row.entry;
        const at = pending ? row.entry.created_at : Date.parse(row.message.at);
        const state = pending ? row.entry.state : 'stored';
        element.classList.toggle('lead', row.lead);
        element.dataset.state = state;
        if (!pending) element.dataset.seq = seq;

        redraw('head', [row.lead, row.author?.display_name, at], () => head(row, at, actions, id));
        redraw('quote', [reply?.seq, reply?.deleted, deletedAt], () => (
            reply && !deletedAt && quote(room, reply, personOf(actions.state(), reply.author))));
        redraw('content', [body, deletedAt, editedAt], () => content(row, body, actions, id));
        redraw('images', [stampOf(attachments)], () => attachments?.length > 0 && gallery(attachments, `${id}-images`));
        redraw('reactions', [JSON.stringify(reactions)], () => reactions?.length > 0 && reactionsOf(row.message, actions));
        redraw('delivery', [state, row.entry?.error, row.entry?.progress], () => delivery(row.entry, state, actions));
        fill(element, Object.values(parts));
    }

    function redraw(part, values, draw) {
        const stamp = values.join('|');
        if (stamps[part] !== stamp) parts[part] = draw();
        stamps[part] = stamp;
    }

    update(first);
    return { element, update };
}

function head({ lead, author }, at, { showPerson }, id) {
    const show = () => showPerson(author.id);
    const face = avatar(author);
    face.addEventListener('click', show);
    const name = h('bdi', { id: `${id}-author` }, author.display_name);
    const time = timeOf(at, lead ? 'clock' : 'short');
    time.id = `${id}-time`;
    // For a screen reader every message has its author; for the eye only the first of a group.
    return [h('div', { class: 'gutter' }, lead ? face : time), h('header', { class: lead ? '' : 'visually-hidden' },
        lead ? [tint(button(name, show, { class: 'author', tabindex: -1 }), author.id),
            author.role === 'bot' && h('span', { class: 'tag' }, 'bot'), time] : name)];
}

/** What a message answers, in one line; a click goes there. */
function quote(room, reply, author) {
    return h('a', { class: 'quote', href: addressOf(room, reply.seq), 'data-testid': 'quote' },
        icon('reply'), h('bdi', {}, author.display_name),
        h('span', {}, reply.deleted ? 'deleted message' : textOf(reply)));
}

function content({ author, message = {} }, body, actions, id) {
    const state = actions.state();
    if (message.deleted_at) {
        const by = personOf(state, message.deleted_by ?? author.id);
        return h('div', { class: 'body deleted', id: `${id}-body` }, 'Message deleted by ', h('bdi', {}, by.display_name));
    }
    if (!body && !message.edited_at) return null;
    const element = markup(body, state);
    element.id = `${id}-body`;
    if (message.edited_at) {
        (element.querySelector(':scope > p:last-child') ?? element).append(' ', editedMark(message, actions));
    }
    return element;
}

/** Pointing at it tells what the message said before, a click all that it ever said, where the room keeps that. */
function editedMark(message, { state, versions, fail }) {
    const when = `Edited ${fullTime(message.edited_at)}`;
    const mark = button('(edited)', () => versions(message).then((kept) => {
        openDialog('Earlier versions', h('ol', { class: 'versions', 'data-testid': 'versions' }, kept.length
            ? kept.map(({ body, at }) => h('li', {}, h('p', { class: 'hint' }, dayAndTime(at)), markup(body, state())))
            : h('p', { class: 'hint' }, 'This room does not keep them.')));
    }).catch(fail), {
        class: 'edited', title: when, 'data-testid': 'edited',
        pointerenter: () => mark.title === when && versions(message).then(([last]) => {
            if (last) mark.title = `${when}. Before:\n${last.body}`;
        }, () => {}),
    });
    return mark;
}

function reactionsOf(message, { state, react, pickReaction }) {
    const add = iconButton('smile', 'Add a reaction', () => pickReaction(message, add), { class: 'reaction add' });
    return h('div', { class: 'reactions' }, message.reactions.map(({ emoji, count, users, me }) => {
        const names = users.map((id) => personOf(state(), id).display_name);
        if (count > users.length) names.push(`${count - users.length} others`);
        return button([h('span', {}, emoji), count], () => react(message, emoji), {
            class: 'reaction', 'aria-pressed': String(Boolean(me)), title: names.join(', '),
            'aria-label': `${emoji} ${count}: ${names.join(', ')}`, 'data-testid': 'reaction',
        });
    }), add);
}

function delivery(entry, state, { retry, discard }) {
    if (state === 'stored') return null;
    if (state !== 'failed' && entry.progress !== undefined) {
        return h('progress', { class: 'uploading', value: entry.progress, 'aria-label': 'Uploading', 'data-testid': 'progress' });
    }
    if (state !== 'failed') {
        return h('span', { class: 'delivery', title: 'Not sent yet' }, icon('clock'),
            h('span', { class: 'visually-hidden' }, 'Not sent yet'));
    }
    return h('div', { class: 'failure', role: 'alert' }, icon('alert'), h('span', {}, `Not sent: ${entry.error}`),
        button('Retry', () => retry(entry.client_id), { class: null }),
        button('Delete', () => discard(entry.client_id), { class: null }));
}

/** Longer messages are folded. */
const LINES_MAX = 20;

/**
 * A message in the markdown subset. Names of people and rooms that the state does not know stay text.
 * @param {string} body @param {State} state @returns {HTMLElement}
 */
export function markup(body, state) {
    const big = body.length < 40 && isEmojiOnly(body);
    // dir=auto: a right-to-left message must not turn the name and the time around it.
    const element = h('div', { class: big ? 'body big' : 'body', dir: 'auto' }, nodes(parse(body), state));
    if (body.split('\n').length <= LINES_MAX) return element;
    element.classList.add('folded');
    const unfold = button('Show all', () => {
        element.classList.remove('folded');
        unfold.remove();
    }, { class: 'unfold' });
    return h('div', { class: 'foldable' }, element, unfold);
}

const nodes = (list, state) => list.map((node) => TAGS[node.type](node, state));
const inside = (tag) => (node, state) => h(tag, {}, nodes(node.children, state));
const TAGS = {
    text: ({ text }) => text,
    break: () => h('br'),
    paragraph: inside('p'),
    quote: inside('blockquote'),
    strong: inside('strong'),
    emphasis: inside('em'),
    strike: inside('s'),
    code: ({ text }) => h('code', {}, text),
    codeblock: codeBlock,
    list: ({ ordered, start, items }, state) => (
        h(ordered ? 'ol' : 'ul', { start: ordered && start }, items.map((item) => h('li', {}, nodes(item, state))))),
    link: ({ href, children }, state) => h('a', { href, target: '_blank', rel: 'noopener noreferrer ugc' }, nodes(children, state)),
    mention: ({ name }, { people, me }) => {
        const user = named(people, name);
        if (!user) return `@${name}`;
        return h('span', { class: user.id === me?.id ? 'mention mine' : 'mention', title: user.display_name }, `@${name}`);
    },
    room: ({ name }, { rooms }) => {
        const room = named(rooms, name);
        return room ? h('a', { href: addressOf(room.id) }, `#${name}`) : `#${name}`;
    },
};

function named(things, name) {
    return Object.values(things).find((one) => one.name === name.toLowerCase());
}

function codeBlock({ text }) {
    const copy = iconButton('copy', 'Copy code', async () => {
        await navigator.clipboard?.writeText(text);
        copy.classList.add('done');
        setTimeout(() => copy.classList.remove('done'), 1_000);
    }, { class: 'copy' });
    return h('div', { class: 'codeblock' }, h('pre', { tabindex: 0, dir: 'ltr' }, h('code', {}, text)), copy);
}
