import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isEmojiOnly, parse } from '../../Public/js/model/markdown.js';

/** A compact notation for what was parsed, to read and compare. */
const show = (node) => {
    if (Array.isArray(node)) return node.map(show).join('');
    switch (node.type) {
    case 'text': return node.text;
    case 'break': return '⏎';
    case 'codeblock': return `{${node.language}|${node.text}}`;
    case 'code': return `{${node.text}}`;
    case 'link': return `<${node.href}|${show(node.children)}>`;
    case 'list': return `${node.ordered ? node.start : '-'}(${node.items.map(show).join(';')})`;
    default: return `${node.type}(${show(node.children)})`;
    }
};
const parsed = (source) => show(parse(source)).replaceAll(/^paragraph\(([^]*)\)$/g, '$1');

describe('marks', () => {
    for (const [source, wanted] of [
        ['plain', 'plain'],
        ['**bold** and __bold__', 'strong(bold) and strong(bold)'],
        ['*it* _it_ ~~no~~', 'emphasis(it) emphasis(it) strike(no)'],
        ['**a *b* c**', 'strong(a emphasis(b) c)'],
        ['snake_case_name and 2*3*4', 'snake_case_name and 2*3*4'],
        ['* not a mark *', '-(not a mark *)'],
        ['2 * 3 * 4', '2 * 3 * 4'],
        ['**open', '**open'],
        ['`**code**` ``a ` b``', '{**code**} {a ` b}'],
        ['`open', '`open'],
        ['\\*literal\\*', '*literal*'],
        ['one\ntwo', 'one⏎two'],
    ]) test(JSON.stringify(source), () => assert.equal(parsed(source), wanted));
});

describe('links', () => {
    for (const [source, wanted] of [
        ['see https://a.example/b?c=d.', 'see <https://a.example/b?c=d|https://a.example/b?c=d>.'],
        ['(https://a.example/x_(y))', '(<https://a.example/x_(y)|https://a.example/x_(y)>)'],
        ['[text](https://a.example)', '<https://a.example/|text>'],
        ['[**b**](http://a.example)', '<http://a.example/|strong(b)>'],
        ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
        ['[x](data:text/html,hi)', '[x](data:text/html,hi)'],
        ['[x](/relative)', '[x](/relative)'],
        ['javascript:alert(1)', 'javascript:alert(1)'],
        ['[https://a.example](https://b.example)', '<https://b.example/|https://a.example>'],
        ['xhttps://a.example', 'xhttps://a.example'],
        ['https://', 'https://'],
    ]) test(JSON.stringify(source), () => assert.equal(parsed(source), wanted));
});

describe('blocks', () => {
    test('a fence keeps its text as it is', () => {
        assert.equal(parsed('```swift\nlet a = "*b*"\n\n> c\n```\nafter'), '{swift|let a = "*b*"\n\n> c}paragraph(after)');
    });
    test('a fence that is not closed reaches to the end', () => assert.equal(parsed('```\ncode'), '{|code}'));
    test('quotes nest', () => assert.equal(parsed('> a\n> > b'), 'quote(paragraph(a)quote(paragraph(b)))'));
    test('lists', () => assert.equal(parsed('- a\n- *b*\n\n3. c\n4. d'), '-(a;emphasis(b))3(c;d)'));
    test('an empty line ends a paragraph', () => assert.equal(show(parse('a\n\nb')), 'paragraph(a)paragraph(b)'));
});

describe('hostile bodies', () => {
    test('markup of another language is text', () => {
        const source = '<img src=x onerror=alert(1)><script>alert(2)</script>';
        assert.equal(parsed(source), source);
    });

    test('no body of 8 kB takes long', () => {
        const units = ['*', '**', '_', '~~', '`', '[', '[a](', '*a ', '**a *b ', '_a', '> ', '- ', 'http://', '`a``b```',
            '\\', '<', 'a', '((', '[a](http://b', '\n'];
        const started = performance.now();
        for (const unit of units) parse(unit.repeat(Math.floor(8192 / unit.length)));
        assert.ok(performance.now() - started < 2_000);
    });
});

test('only a few emoji and nothing else are shown big', () => {
    assert.deepEqual(['🎂', '🎂🎉 👍', '👩‍💻', '🎂 cake', '1', '', '🎂🎂🎂🎂'].map(isEmojiOnly),
        [true, true, true, false, false, false, false]);
});

describe('names', () => {
    const names = (source) => parse(source)[0].children.filter((node) => node.type !== 'text')
        .map((node) => `${node.type}:${node.name}`);

    test('people and rooms are named after a space, without the punctuation behind them', () => {
        assert.deepEqual(names('ask @ada.l, or #dev-ops.'), ['mention:ada.l', 'room:dev-ops']);
    });

    test('an address and a heading are neither', () => {
        assert.deepEqual(names('write to a@b.org'), []);
        assert.deepEqual(names('# heading'), []);
    });
});
