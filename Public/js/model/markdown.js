/**
 * The markdown subset of messages, parsed to plain objects. Linear in the length of the body: a search for a closing
 * mark that failed once is not repeated.
 */

/** Quotes in quotes and marks in marks go that deep; deeper ones are text. */
const DEPTH_MAX = 6;

/** @param {string} source @returns {Block[]} */
export function parse(source) {
    return parseBlocks(source.replaceAll('\r\n', '\n').split('\n'), 0);
}

/** One to three emoji and nothing else: shown big. @param {string} source @returns {boolean} */
export function isEmojiOnly(source) {
    return /^(?:\p{RGI_Emoji}\s*){1,3}$/v.test(source.trim());
}

const FENCE = /^\s{0,3}```\s*([\w+#.-]*)\s*$/;
const QUOTE = /^\s{0,3}>\s?(.*)$/;
const BULLET = /^\s{0,3}[-*+]\s+(.+)$/;
const NUMBER = /^\s{0,3}(\d{1,9})[.)]\s+(.+)$/;

function parseBlocks(lines, depth) {
    const blocks = [];
    let paragraph = [];
    const endParagraph = () => {
        const text = paragraph.join('\n').trim();
        if (text !== '') blocks.push({ type: 'paragraph', children: parseInline(text, 0) });
        paragraph = [];
    };
    for (let at = 0; at < lines.length;) {
        const line = lines[at];
        const fence = FENCE.exec(line);
        if (fence) {
            endParagraph();
            let end = at + 1;
            while (end < lines.length && !/^\s{0,3}```\s*$/.test(lines[end])) end += 1;
            blocks.push({ type: 'codeblock', language: fence[1], text: lines.slice(at + 1, end).join('\n') });
            at = end + 1;
        } else if (QUOTE.test(line) && depth < DEPTH_MAX) {
            endParagraph();
            const end = endOf(lines, at, QUOTE);
            const inner = lines.slice(at, end).map((quoted) => QUOTE.exec(quoted)[1]);
            blocks.push({ type: 'quote', children: parseBlocks(inner, depth + 1) });
            at = end;
        } else if (BULLET.test(line)) {
            endParagraph();
            const end = endOf(lines, at, BULLET);
            const items = lines.slice(at, end).map((item) => parseInline(BULLET.exec(item)[1], 0));
            blocks.push({ type: 'list', ordered: false, start: 1, items });
            at = end;
        } else if (NUMBER.test(line)) {
            endParagraph();
            const end = endOf(lines, at, NUMBER);
            const items = lines.slice(at, end).map((item) => parseInline(NUMBER.exec(item)[2], 0));
            blocks.push({ type: 'list', ordered: true, start: Number(NUMBER.exec(line)[1]), items });
            at = end;
        } else {
            if (line.trim() === '') endParagraph();
            else paragraph.push(line);
            at += 1;
        }
    }
    endParagraph();
    return blocks;
}

function endOf(lines, from, pattern) {
    let end = from;
    while (end < lines.length && pattern.test(lines[end])) end += 1;
    return end;
}

/** Longest mark first, so that ** is not read as two *. */
const MARKS = [['**', 'strong'], ['__', 'strong'], ['~~', 'strike'], ['*', 'emphasis'], ['_', 'emphasis']];
/** The only characters at which anything but text can begin. */
const SPECIAL = /[\\`*_~[\nhH@#]/g;
/** Of a name at its end, full stops and hyphens are punctuation, as on the server. */
const CALL = /[@#](\w(?:[\w.-]*\w)?)/y;
const ADDRESS = /https?:\/\/[^\s<>"]+/iy;
const LINK = /\[([^[\]\n]{1,500})\]\(([^()\s]{1,2000}(?:\([^()\s]*\)[^()\s]*)*)\)/y;

function parseInline(text, depth) {
    const nodes = [];
    const unclosed = new Set();
    let plain = '';
    const pushText = () => {
        if (plain !== '') nodes.push({ type: 'text', text: plain });
        plain = '';
    };
    const push = (node, length) => {
        pushText();
        nodes.push(node);
        at += length;
    };
    let at = 0;
    while (at < text.length) {
        SPECIAL.lastIndex = at;
        const special = SPECIAL.exec(text)?.index ?? text.length;
        plain += text.slice(at, special);
        at = special;
        if (at === text.length) break;
        const before = at === 0 ? '' : text[at - 1];
        const character = text[at];

        if (character === '\n') {
            push({ type: 'break' }, 1);
            continue;
        }
        if (character === '\\' && /[\\`*_~[\]()>#-]/.test(text[at + 1] ?? '')) {
            plain += text[at + 1];
            at += 2;
            continue;
        }
        if (character === '`') {
            const code = codeAt(text, at, unclosed);
            if (code.text) {
                push({ type: 'code', text: code.text }, code.length);
            } else {
                // The whole run of ticks is text: none of its parts can begin code either.
                plain += text.slice(at, at + code.length);
                at += code.length;
            }
            continue;
        }
        if (character === '[') {
            LINK.lastIndex = at;
            const link = LINK.exec(text);
            const href = link && safeAddress(link[2]);
            if (href) {
                push({ type: 'link', href, children: unlinked(parseInline(link[1], depth + 1)) }, link[0].length);
                continue;
            }
        }
        if ((character === '@' || character === '#') && !/[\w.-]/.test(before)) {
            CALL.lastIndex = at;
            const call = CALL.exec(text);
            if (call) {
                push({ type: character === '@' ? 'mention' : 'room', name: call[1] }, call[0].length);
                continue;
            }
        }
        if ((character === 'h' || character === 'H') && !/\w/.test(before)) {
            const address = addressAt(text, at);
            if (address) {
                push({ type: 'link', href: address.href, children: [{ type: 'text', text: address.text }] },
                    address.text.length);
                continue;
            }
        }
        const mark = depth < DEPTH_MAX ? markAt(text, at, before, unclosed) : null;
        if (mark) {
            push({ type: mark.type, children: parseInline(mark.inner, depth + 1) }, mark.length);
            continue;
        }
        plain += character;
        at += 1;
    }
    pushText();
    return nodes;
}

function codeAt(text, at, unclosed) {
    const ticks = /`+/y;
    ticks.lastIndex = at;
    const fence = ticks.exec(text)[0];
    const asText = { text: '', length: fence.length };
    if (unclosed.has(fence)) return asText;
    const end = text.indexOf(fence, at + fence.length);
    if (end < 0) {
        unclosed.add(fence);
        return asText;
    }
    const inner = text.slice(at + fence.length, end).replaceAll('\n', ' ');
    if (inner.trim() === '') return asText;
    return { text: inner.trim(), length: end + fence.length - at };
}

function markAt(text, at, before, unclosed) {
    for (const [mark, type] of MARKS) {
        if (!text.startsWith(mark, at)) continue;
        if (unclosed.has(mark)) return null;
        const start = at + mark.length;
        // snake_case and 2*3*4 are words, not marks.
        if (!text[start] || /\s/.test(text[start]) || (/[\w]/.test(before) && mark !== '**' && mark !== '~~')) return null;
        for (let end = text.indexOf(mark, start + 1); end >= 0; end = text.indexOf(mark, end + 1)) {
            const after = text[end + mark.length] ?? '';
            if (/\s/.test(text[end - 1])) continue;
            if (mark.length === 1 && (after === mark || text[end - 1] === mark)) continue;
            if (mark[0] === '_' && /\w/.test(after)) continue;
            return { type, inner: text.slice(start, end), length: end + mark.length - at };
        }
        unclosed.add(mark);
        return null;
    }
    return null;
}

function addressAt(text, at) {
    ADDRESS.lastIndex = at;
    const match = ADDRESS.exec(text);
    if (!match) return null;
    let address = match[0];
    // Punctuation after an address belongs to the sentence; a bracket only if it was not opened inside.
    for (;;) {
        const last = address.at(-1);
        const unbalanced = last === ')' && address.split(')').length > address.split('(').length;
        if (!/[.,:;!?'*_~\]]/.test(last) && !unbalanced) break;
        address = address.slice(0, -1);
    }
    const href = safeAddress(address);
    return href && { href, text: address };
}

/** Only web addresses become links: anything else (`javascript:`, `data:`, relative paths) stays text. */
function safeAddress(address) {
    try {
        const url = new URL(address);
        return (url.protocol === 'http:' || url.protocol === 'https:') && url.host !== '' ? url.href : null;
    } catch {
        return null;
    }
}

/** A link's label must not hold another link. */
function unlinked(nodes) {
    return nodes.flatMap((node) => (node.type === 'link' ? node.children : [node]));
}
