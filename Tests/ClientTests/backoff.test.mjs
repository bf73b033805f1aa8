import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff } from '../../Public/js/model/outbox.js';

test('waits double from attempt to attempt up to the limit', () => {
    const waits = [0, 1, 2, 3, 10, 2000].map((attempt) => backoff(attempt, { random: () => 1 }));
    assert.deepEqual(waits, [500, 1000, 2000, 4000, 30_000, 30_000]);
});

test('jitter takes up to half of a wait away', () => {
    assert.equal(backoff(1, { random: () => 0 }), 500);
    assert.equal(backoff(1, { random: () => 0.5 }), 750);
});
