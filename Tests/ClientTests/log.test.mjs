import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MESSAGES_KEPT_MAX, awaitPage, emptyLog, missing, receive, synchronize, takePage, trim } from '../../Public/js/model/log.js';

const row = (seq, change = seq, body = `m${seq}`) => ({ id: `id${seq}`, room: 'r', seq, changed_seq: change, body });
const rows = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => row(from + index));
const sync = (from, to, messages = rows(from + 1, to), reset = false) => ({ room: 'r', from, to, messages, reset });
const loaded = (to) => synchronize(emptyLog, sync(0, to));
const seqs = (log) => log.messages.map((message) => message.seq);

describe('live changes', () => {
    test('the next change is applied', () => {
        const log = receive(loaded(3), row(4));
        assert.deepEqual(seqs(log), [1, 2, 3, 4]);
        assert.equal(log.have, 4);
    });

    test('a change that is known is ignored', () => {
        const log = loaded(3);
        assert.equal(receive(log, row(3)), log);
        assert.equal(receive(log, row(1)), log);
    });

    test('a change beyond a gap is held, and the gap is counted', () => {
        const log = receive(loaded(3), row(6));
        assert.deepEqual(seqs(log), [1, 2, 3]);
        assert.equal(log.have, 3);
        assert.equal(missing(log), 2);
    });

    test('held changes follow as soon as the gap is filled, in whatever order they came', () => {
        let log = loaded(1);
        for (const seq of [5, 3, 4, 4, 2]) log = receive(log, row(seq));
        assert.deepEqual(seqs(log), [1, 2, 3, 4, 5]);
        assert.equal(log.have, 5);
        assert.equal(missing(log), 0);
    });

    test('before the first answer everything is held', () => {
        const log = receive(emptyLog, row(1));
        assert.equal(log.have, 0);
        assert.deepEqual(seqs(log), []);
        assert.deepEqual(seqs(synchronize(log, sync(0, 0, []))), [1]);
    });

    test('an edit replaces the row and takes a number of its own', () => {
        const log = receive(loaded(3), row(2, 4, 'edited'));
        assert.deepEqual(log.messages.map((message) => message.body), ['m1', 'edited', 'm3']);
        assert.equal(log.have, 4);
    });

    test('an edit above the window is counted and not shown', () => {
        const log = receive(synchronize(emptyLog, sync(0, 100, rows(51, 100), true)), row(7, 101));
        assert.equal(log.have, 101);
        assert.equal(log.messages[0].seq, 51);
    });
});

describe('synchronizing', () => {
    test('an answer for where we are fills the gap and releases what was held', () => {
        const log = synchronize(receive(loaded(3), row(6)), sync(3, 5));
        assert.deepEqual(seqs(log), [1, 2, 3, 4, 5, 6]);
        assert.equal(log.have, 6);
    });

    test('an answer that was overtaken by live changes changes nothing', () => {
        const log = receive(loaded(3), row(4));
        assert.equal(synchronize(log, sync(3, 4)), log);
    });

    test('an answer that begins beyond what we have would leave a hole and is refused', () => {
        const log = loaded(3);
        assert.equal(synchronize(log, sync(5, 7)), log);
    });

    test('an overlapping answer applies what is new', () => {
        const log = synchronize(receive(loaded(3), row(4)), sync(3, 6));
        assert.deepEqual(seqs(log), [1, 2, 3, 4, 5, 6]);
    });

    test('being too far behind replaces the window', () => {
        const log = synchronize(loaded(3), sync(3, 900, rows(851, 900), true));
        assert.equal(log.have, 900);
        assert.equal(log.messages.length, 50);
        assert.equal(log.hasBefore, true);
    });

    test('a whole room has nothing before it', () => {
        assert.equal(loaded(3).hasBefore, false);
        assert.equal(synchronize(emptyLog, sync(0, 3, rows(1, 3), true)).hasBefore, false);
    });

    test('an empty room is loaded all the same', () => {
        const log = synchronize(emptyLog, sync(0, 0));
        assert.equal(log.loaded, true);
        assert.deepEqual(seqs(receive(log, row(1))), [1]);
    });

    test('an edit that collapsed several changes brings the number up to the answer', () => {
        const log = synchronize(loaded(3), sync(3, 9, [row(2, 9, 'edited six times')]));
        assert.equal(log.have, 9);
        assert.equal(log.messages[1].body, 'edited six times');
    });
});

describe('the window', () => {
    const page = (from, to, before, after) => ({ messages: rows(from, to), has_before: before, has_after: after });
    const latest = () => synchronize(emptyLog, sync(0, 100, rows(51, 100), true));
    const around = () => takePage(awaitPage(latest(), 'window'), page(10, 20, true, true));

    test('an older page goes above, without repeating a row', () => {
        const log = takePage(awaitPage(latest(), 'before'), page(40, 51, true, true));
        assert.deepEqual(seqs(log), rows(40, 100).map((message) => message.seq));
        assert.equal(log.hasBefore, true);
        assert.equal(log.hasAfter, false);
    });

    test('a jump replaces the window, and what happens below it is known without being shown', () => {
        const log = receive(around(), row(101));
        assert.deepEqual([log.messages.at(-1).seq, log.have, log.hasAfter], [20, 101, true]);
    });

    test('newer pages lead back to the end, and live messages are shown again', () => {
        let log = takePage(awaitPage(around(), 'after'), page(21, 100, true, false));
        assert.equal(log.hasAfter, false);
        log = receive(log, row(101));
        assert.deepEqual(seqs(log), rows(10, 101).map((message) => message.seq));
    });

    test('what is written while the last page is on its way is neither lost nor doubled', () => {
        const waiting = receive(receive(awaitPage(around(), 'after'), row(101)), row(102));
        const log = takePage(waiting, page(21, 101, true, false));
        assert.deepEqual(seqs(log).slice(-3), [100, 101, 102]);
    });

    test('an edit that overtakes the page it is about wins', () => {
        const log = takePage(receive(awaitPage(latest(), 'before'), row(45, 101, 'edited')), page(40, 50, true, true));
        assert.equal(log.messages.find((message) => message.seq === 45).body, 'edited');
    });

    test('scrolling far up lets go of the other end', () => {
        let log = synchronize(emptyLog, sync(0, 1000, rows(951, 1000), true));
        for (let to = 950; to > 500; to -= 50) log = takePage(awaitPage(log, 'before'), page(to - 49, to, true, true));
        assert.equal(log.messages.length, MESSAGES_KEPT_MAX);
        assert.deepEqual([log.messages[0].seq, log.hasAfter], [501, true]);
    });

    test('it stays bounded for a reader at the end', () => {
        let log = loaded(1);
        for (let seq = 2; seq < 1000; seq += 1) log = trim(receive(log, row(seq)));
        assert.ok(log.messages.length <= MESSAGES_KEPT_MAX);
        assert.equal(log.messages.at(-1).seq, 999);
        assert.equal(log.hasBefore, true);
    });
});

describe('reactions', () => {
    const thumb = (count, users, more = {}) => ({ emoji: '👍', count, users, ...more });
    const reaction = (change, reactions, mine) => ({
        room: 'r', seq: 2, changed_seq: change, patch: true, shared: 'u-me', reactions, ...(mine ? { mine } : {}),
    });
    const mine = (log) => log.messages[1].reactions.map(({ me }) => me);

    test('a reaction changes its message and nothing else of it', () => {
        const log = receive(loaded(3), reaction(4, [thumb(1, ['u-bob'])]));
        assert.deepEqual([log.messages[1].body, log.messages[1].changed_seq, log.have], ['m2', 4, 4]);
        assert.deepEqual(mine(log), [false]);
    });

    test('it is mine when I am on its list, or when it was I who changed it', () => {
        assert.deepEqual(mine(receive(loaded(3), reaction(4, [thumb(2, ['u-bob', 'u-me'])]))), [true]);
        assert.deepEqual(mine(receive(loaded(3), reaction(4, [thumb(40, ['u-bob'])], { emoji: '👍', added: true }))), [true]);
    });

    test('beyond the end of the list it stays what it was', () => {
        let log = receive(loaded(3), reaction(4, [thumb(40, ['u-bob'])], { emoji: '👍', added: true }));
        log = receive(log, reaction(5, [thumb(41, ['u-bob'])]));
        assert.deepEqual(mine(log), [true]);
        log = receive(log, reaction(6, [thumb(1, ['u-bob'])]));
        assert.deepEqual(mine(log), [false]);
    });

    test('a reaction to a message outside the window is only counted', () => {
        const log = receive(synchronize(emptyLog, sync(0, 100, rows(51, 100), true)), reaction(101, [thumb(1, ['u-bob'])]));
        assert.deepEqual([log.have, log.messages.length], [101, 50]);
    });
});
