import { isEmojiOnly, parse } from '../model/markdown.js';
import { addressOf } from '../app/route.js';
import { h, iconButton } from './dom.js';

/** Longer messages are folded. */
const LINES_MAX = 20;

/**
 * A message in the markdown subset. Names of people and rooms that the state does not know stay text.
 * @param {string} body @param {State} state @returns {HTMLElement}
 */
export function markup(body, state) {
    const big = body.length < 40 && isEmojiOnly(body);
    // dir=auto: a right-to-left message must not turn the name and the time around it.
    const element = h('div', { class: big ? 'body big' : 'body', dir: 'auto' }, parse(body).map((node) => block(node, state)));
    if (body.split('\n').length <= LINES_MAX) return element;
    element.classList.add('folded');
    const unfold = h('button', {
        class: 'unfold', type: 'button', on: { click: () => { element.classList.remove('folded'); unfold.remove(); } },
    }, 'Show all');
    return h('div', { class: 'foldable' }, element, unfold);
}

function block(node, state) {
    const inlines = (nodes) => nodes.map((one) => inline(one, state));
    switch (node.type) {
    case 'paragraph': return h('p', {}, inlines(node.children));
    case 'quote': return h('blockquote', {}, node.children.map((one) => block(one, state)));
    case 'list': {
        const items = node.items.map((item) => h('li', {}, inlines(item)));
        return node.ordered ? h('ol', { start: node.start }, items) : h('ul', {}, items);
    }
    case 'codeblock': return codeBlock(node.text);
    }
}

const TAGS = { strong: 'strong', emphasis: 'em', strike: 's' };

function inline(node, state) {
    switch (node.type) {
    case 'text': return node.text;
    case 'break': return h('br');
    case 'code': return h('code', {}, node.text);
    case 'mention': return mention(node.name, state);
    case 'room': {
        const room = Object.values(state.rooms).find((one) => one.name === node.name.toLowerCase());
        return room ? h('a', { href: addressOf(room.id) }, `#${node.name}`) : `#${node.name}`;
    }
    case 'link': return h('a', { href: node.href, target: '_blank', rel: 'noopener noreferrer ugc' },
        node.children.map((one) => inline(one, state)));
    default: return h(TAGS[node.type], {}, node.children.map((one) => inline(one, state)));
    }
}

function mention(name, { people, me }) {
    const user = Object.values(people).find((one) => one.name === name.toLowerCase());
    if (!user) return `@${name}`;
    return h('span', { class: user.id === me?.id ? 'mention mine' : 'mention', title: user.display_name }, `@${name}`);
}

function codeBlock(text) {
    const copy = iconButton('copy', 'Copy code', async () => {
        await navigator.clipboard?.writeText(text);
        copy.classList.add('done');
        setTimeout(() => copy.classList.remove('done'), 1_000);
    }, { class: 'copy' });
    return h('div', { class: 'codeblock' }, h('pre', { tabindex: 0, dir: 'ltr' }, h('code', {}, text)), copy);
}
