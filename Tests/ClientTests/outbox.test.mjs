import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as outbox from '../../Public/js/model/outbox.js';

const entry = (id, room = 'r', created = 0) => outbox.draftEntry({
    clientId: id, author: 'me', room, body: `body of ${id}`, now: created,
});
const ids = (entries) => entries.map((one) => one.client_id);

test('entries stand in the order of writing', () => {
    const entries = [entry('b', 'r', 2), entry('a', 'r', 1)].reduce(outbox.put, []);
    assert.deepEqual(ids(entries), ['a', 'b']);
});

test('one message per room leaves at a time, the oldest first', () => {
    const entries = [entry('a1', 'a', 1), entry('b1', 'b', 2), entry('a2', 'a', 3)];
    assert.deepEqual(ids(outbox.due(entries, 10)), ['a1', 'b1']);
    assert.deepEqual(ids(outbox.due(outbox.put(entries, outbox.sending(entries[0])), 10)), ['b1']);
});

test('a retryable error makes it wait, longer each time, and the room waits with it', () => {
    const error = { code: 'unavailable', message: 'later', retryable: true };
    const once = outbox.afterError(entry('a'), error, 1000, () => 1);
    assert.deepEqual([once.state, once.retry_at, once.attempts], ['waiting', 1500, 1]);
    assert.equal(outbox.afterError(once, error, 1000, () => 1).retry_at, 2000);
    assert.deepEqual(outbox.due([once, entry('b', 'r', 1)], 1400), []);
    assert.equal(outbox.nextDue([once]), 1500);
});

test('the wait the server asks for is kept', () => {
    const error = { code: 'rate_limited', message: 'slow down', retryable: true, retryMs: 7000 };
    assert.equal(outbox.afterError(entry('a'), error, 1000).retry_at, 8000);
});

test('a refusal fails for good and lets the others pass', () => {
    const failed = outbox.afterError(entry('a'), { code: 'archived', message: 'The room is archived.' }, 0);
    assert.equal(failed.state, 'failed');
    assert.equal(failed.error, 'The room is archived.');
    assert.equal(failed.body, 'body of a');
    assert.deepEqual(ids(outbox.due([failed, entry('b')], 0)), ['b']);
});

test('an ended session is not the fault of the message', () => {
    assert.equal(outbox.afterError(entry('a'), { code: 'unauthenticated', message: '' }, 0).state, 'waiting');
});

test('a retry keeps the client id, so the server can see that it is the same message', () => {
    const failed = outbox.afterError(entry('a'), { code: 'invalid', message: 'no' }, 0);
    const again = outbox.retried(failed);
    assert.deepEqual([again.client_id, again.state, again.error], ['a', 'waiting', '']);
});

test('a new connection makes everything due', () => {
    const waiting = { ...entry('a'), retry_at: 99_999 };
    assert.deepEqual(ids(outbox.due(outbox.hasten([waiting]), 0)), ['a']);
});

test('an attempt of a page that died is one to be made again', () => {
    assert.equal(outbox.stored(outbox.sending(entry('a'))).state, 'waiting');
});
