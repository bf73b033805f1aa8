import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as outbox from '../../Public/js/model/outbox.js';
import { rowsOf, textOf } from '../../Public/js/model/selectors.js';
import { initialState, reduce } from '../../Public/js/model/state.js';
import { problemOf } from '../../Public/js/net/rest.js';
import { prepare, scale } from '../../Public/js/net/uploads.js';

const entry = outbox.draftEntry({
    clientId: 'c', author: 'me', room: 'r', body: '', attachments: [{ key: 'a', name: 'a.png' }, { key: 'b', name: 'b.png' }], now: 1,
});
const ids = (one) => one.attachments.map(({ id }) => id);

test('an entry remembers which of its pictures the server has, on disk too', () => {
    const half = outbox.uploaded(outbox.sending(entry), 'a', '1');
    assert.deepEqual(ids(half), ['1', undefined]);
    const kept = outbox.stored({ ...half, progress: 0.5 });
    assert.deepEqual([kept.state, kept.progress, ids(kept)], ['waiting', undefined, ['1', undefined]]);
    assert.deepEqual(ids(outbox.uploaded(half, 'a')), [undefined, undefined]);
});

test('a message is one line of text, or says what it has instead', () => {
    assert.equal(textOf({ body: 'two\n lines', attachments: [{}] }), 'two lines');
    assert.equal(textOf({ body: '', attachments: [{}] }), 'Image');
    assert.equal(textOf({ body: '', attachments: [{}, {}] }), '2 images');
    // Of an answered message only the number is known.
    assert.equal(textOf({ body: '', attachments: 3 }), '3 images');
    assert.equal(textOf({ body: '' }), '');
});

test('what the server takes is known with its greeting; an older one takes no images', () => {
    const greeted = (limits) => reduce(initialState, { type: 'instance/greeted', me: {}, instance: 'i-1', adapter: 'redis', limits });
    const { messageBytesMax, imageBytesMax, imagesMax } = greeted({ message_bytes: 9, attachment_bytes: 8, attachments: 7 });
    assert.deepEqual([messageBytesMax, imageBytesMax, imagesMax], [9, 8, 7]);
    assert.equal(greeted({ message_bytes: 9 }).imageBytesMax, 0);
    assert.equal(greeted(undefined).messageBytesMax, 8192);
});

test('what is chosen belongs to its room', () => {
    const state = reduce(initialState, { type: 'images/changed', room: 'r', images: [{ key: 'a' }] });
    assert.deepEqual(reduce(state, { type: 'images/changed', room: 's', images: [] }).images, { r: [{ key: 'a' }], s: [] });
});

test('a pending row is drawn again when its upload has come further', () => {
    const rows = (progress) => rowsOf({ ...initialState, me: { id: 'me' }, outbox: [{ ...entry, progress }] }, 'r').at(-1);
    assert.notEqual(rows(0.1).stamp, rows(0.2).stamp);
    assert.equal(rows(0.1).key, rows(0.2).key);
});

test('an upload that got no answer, or came too soon, is made again; one that was refused is not', () => {
    const retried = [0, 429, 500, 503].map((status) => problemOf(status, { code: 'x' }));
    assert.ok(retried.every((error) => outbox.afterError(entry, error, 0).state === 'waiting'));
    const refused = problemOf(422, { code: 'invalid', detail: 'No image.', field: 'content' });
    assert.deepEqual([outbox.afterError(entry, refused, 0).state, refused.message], ['failed', 'No image.']);
    assert.equal(problemOf(0).message, 'The server cannot be reached.');
});

test('a picture is made smaller and never larger', () => {
    assert.equal(scale({ width: 5120, height: 100 }, 2560), 0.5);
    assert.equal(scale({ width: 100, height: 10_240 }, 2560), 0.25);
    assert.equal(scale({ width: 10, height: 10 }, 2560), 1);
});

test('a file that says it is no image is not even looked at', async () => {
    for (const type of ['image/svg+xml', 'text/html', '']) {
        await assert.rejects(prepare({ name: 'x.svg', type, size: 1 }, 100), { message: 'x.svg is not a PNG, JPEG, GIF or WebP image.' });
    }
});
