import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../../Public/js/', import.meta.url).pathname;
const scripts = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.js'));

test('no text goes over several lines, because the server leaves out lines that look like comments', () => {
    assert.ok(scripts.length > 10);
    for (const script of scripts) {
        readFileSync(folder + script, 'utf8').split('\n').forEach((line, index) => {
            // A backtick in a comment, in quotes or in a pattern is none that begins a text.
            const code = line.replace(/^\s*(?:\/?\*|\/\/).*|\/\/ .*/g, '').replace(/'[^']*'/g, '')
                .replace(/(?<=[=(!]\s?)\/(?:\\.|[^/])+\//g, '');
            assert.equal(code.split(/(?<!\\)`/).length % 2, 1, `${script}:${index + 1}: ${line}`);
        });
    }
});

test('the page asks for all modules at once, instead of one after the other as they name each other', () => {
    const page = readFileSync(`${folder}../index.html`, 'utf8');
    const asked = [...page.matchAll(/(?:href|src)="\/js\/([^"]+)"/g)].map(([, script]) => script);
    assert.deepEqual(asked.sort(), scripts.filter((script) => script !== 'door.js').sort());
});
