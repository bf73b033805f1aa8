import { isEmojiOnly, parse } from '../model/markdown.js';
import { h } from './dom.js';
import { icon } from './icons.js';

/** @param {string} body a message in the markdown subset @returns {HTMLElement} */
export function markup(body) {
    const big = body.length < 40 && isEmojiOnly(body);
    // dir=auto: a right-to-left message must not turn the name and the time around it.
    return h('div', { class: big ? 'body big' : 'body', dir: 'auto' }, parse(body).map(block));
}

function block(node) {
    switch (node.type) {
    case 'paragraph': return h('p', {}, node.children.map(inline));
    case 'quote': return h('blockquote', {}, node.children.map(block));
    case 'list': {
        const items = node.items.map((item) => h('li', {}, item.map(inline)));
        return node.ordered ? h('ol', { start: node.start }, items) : h('ul', {}, items);
    }
    case 'codeblock': return codeBlock(node.text);
    }
}

function inline(node) {
    switch (node.type) {
    case 'text': return node.text;
    case 'break': return h('br');
    case 'code': return h('code', {}, node.text);
    case 'strong': return h('strong', {}, node.children.map(inline));
    case 'emphasis': return h('em', {}, node.children.map(inline));
    case 'strike': return h('s', {}, node.children.map(inline));
    case 'link': return h('a', { href: node.href, target: '_blank', rel: 'noopener noreferrer ugc' },
        node.children.map(inline));
    }
}

function codeBlock(text) {
    const copy = h('button', {
        class: 'quiet copy', type: 'button', 'aria-label': 'Copy code', title: 'Copy code',
        on: { click: () => navigator.clipboard?.writeText(text) },
    }, icon('copy'));
    return h('div', { class: 'codeblock' }, h('pre', { tabindex: 0, dir: 'ltr' }, h('code', {}, text)), copy);
}
