import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Store } from '../../Public/js/model/state.js';

/** A store whose drawings are made by hand. */
function storeAt() {
    const clock = { now: 1_000, scheduled: [], drawings: 0 };
    const store = new Store({
        now: () => clock.now,
        schedule: (run, afterMs) => {
            const entry = { run, at: clock.now + afterMs };
            clock.scheduled.push(entry);
            return () => clock.scheduled.splice(clock.scheduled.indexOf(entry), 1);
        },
    });
    store.subscribe(() => { clock.drawings += 1; });
    clock.advance = (milliseconds) => {
        clock.now += milliseconds;
        for (const entry of clock.scheduled.filter(({ at }) => at <= clock.now)) {
            clock.scheduled.splice(clock.scheduled.indexOf(entry), 1);
            entry.run();
        }
    };
    let number = 0;
    const mine = () => store.dispatch({ type: 'presence/changed', presence: { [number += 1]: 'online' } });
    const others = () => store.dispatch({ type: 'presence/changed', presence: { [number += 1]: 'online' }, shared: true });
    return { clock, mine, others, store };
}

describe('drawing', () => {
    test('many changes at once are drawn once', () => {
        const { clock, mine } = storeAt();
        mine();
        mine();
        clock.advance(0);
        assert.equal(clock.drawings, 1);
    });

    test('an action that changes nothing draws nothing', () => {
        const { clock, store } = storeAt();
        store.dispatch({ type: 'reader/moved', following: true });
        clock.advance(1_000);
        assert.equal(clock.drawings, 0);
    });

    test('the first message of others is drawn at once, those after it ten times a second', () => {
        const { clock, others } = storeAt();
        for (let passed = 0; passed < 1_000; passed += 10) {
            others();
            clock.advance(10);
        }
        assert.ok(clock.drawings >= 9 && clock.drawings <= 11, `${clock.drawings} drawings`);
    });

    test('what I do does not wait for others', () => {
        const { clock, mine, others } = storeAt();
        others();
        clock.advance(0);
        others();
        clock.advance(10);
        assert.equal(clock.drawings, 1);
        mine();
        clock.advance(0);
        assert.equal(clock.drawings, 2);
        clock.advance(500);
        assert.equal(clock.drawings, 2);
    });
});
