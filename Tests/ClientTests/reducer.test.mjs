import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { draftEntry } from '../../Public/js/model/outbox.js';
import { listed, rowsOf, typingLine, unreadTotal } from '../../Public/js/model/selectors.js';
import { initialState, reduce } from '../../Public/js/model/state.js';

const me = { id: 'u-me', name: 'me', display_name: 'Me' };
const bob = { id: 'u-bob', name: 'bob', display_name: 'Bob' };
const room = (id, more = {}) => ({
    id, kind: 'public', name: id, topic: '', last_seq: 0, msg_count: 0, read_seq: 0, unread: 0, mentions: 0,
    joined: true, role: 'member', created_at: '2026-01-01T00:00:00.000Z', archived_at: null, ...more,
});
const message = (seq, more = {}) => ({
    id: `m${seq}`, room: 'a', seq, n: seq, changed_seq: seq, kind: 'text', author: bob.id, client_id: `c${seq}`,
    body: `body ${seq}`, at: new Date(Date.UTC(2026, 0, 5, 12, 0, seq)).toISOString(), edited_at: null, deleted_at: null,
    ...more,
});
const run = (state, ...actions) => actions.reduce(reduce, state);
const synced = (rooms, changes = []) => run(initialState,
    { type: 'session/began', me },
    { type: 'session/synced', answer: { rooms, people: [me, bob], changes, me } });
const received = (one) => ({ type: 'message/received', message: one, heardAt: 1 });
const opened = (messages = []) => run(
    synced([room('a', { last_seq: messages.length, msg_count: messages.length })], [
        { room: 'a', from: 0, to: messages.length, messages, reset: false },
    ]),
    { type: 'room/opened', room: 'a' });

describe('counting what is unread', () => {
    test('a message of somebody else counts once, however often it arrives', () => {
        const state = run(synced([room('a')]), received(message(1)), received(message(1)), received(message(2)));
        assert.equal(state.rooms.a.unread, 2);
        assert.equal(unreadTotal(state), 2);
    });

    test('a missed message is counted by the ordinal of the next one', () => {
        assert.equal(run(synced([room('a')]), received(message(3))).rooms.a.unread, 3);
    });

    test('my own message reads everything', () => {
        const state = run(synced([room('a', { unread: 4, msg_count: 4 })]), received(message(5, { author: me.id })));
        assert.deepEqual([state.rooms.a.unread, state.rooms.a.read_seq], [0, 5]);
    });

    test('somebody joining does not make a room unread', () => {
        const state = run(synced([room('a')]), received(message(1, { kind: 'joined', n: undefined, body: '' })));
        assert.deepEqual([state.rooms.a.unread, state.rooms.a.last_seq], [0, 1]);
    });

    test('a read marker never moves back', () => {
        const marker = (read_seq, unread) => ({ type: 'room/read', marker: { room: 'a', read_seq, unread, mentions: 0 } });
        const state = run(synced([room('a', { unread: 9 })]), marker(9, 0), marker(5, 4));
        assert.deepEqual([state.rooms.a.read_seq, state.rooms.a.unread], [9, 0]);
    });

    test('unless a person marked something unread: then it does, and looking at it does not read it', () => {
        const forced = { room: 'a', read_seq: 5, unread: 4, mentions: 1, forced: true };
        const state = run(opened(), { type: 'room/read', marker: { ...forced, read_seq: 9, forced: undefined, unread: 0 } },
            { type: 'room/read', marker: forced });
        assert.deepEqual([state.rooms.a.read_seq, state.rooms.a.unread, state.keptUnread], [5, 4, 'a']);
        assert.deepEqual(state.divider, { room: 'a', seq: 5 });
    });

    test('a message that names me is a mention, once', () => {
        const called = message(1, { mentions: [me.id] });
        assert.equal(run(synced([room('a')]), received(called), received(called)).rooms.a.mentions, 1);
    });
});

describe('what everybody is told', () => {
    const shared = (one) => ({ type: 'message/received', message: one, heardAt: 1, shared: true });
    const first = (state) => state.logs.a.messages[0];

    test('a reaction event marks my own reaction', () => {
        const event = {
            room: 'a', seq: 1, changed_seq: 2, message: 'm1', user: me.id, emoji: '🎉', added: true,
            reactions: [{ emoji: '🎉', count: 1, users: [me.id] }],
        };
        const state = run(opened([message(1)]), shared(event));
        assert.deepEqual([first(state).body, first(state).id, first(state).reactions[0].me], ['body 1', 'm1', true]);
    });

    test('a deletion leaves a tombstone, and quotes of it tell nothing', () => {
        const reply = { seq: 1, author: bob.id, body: 'body 1' };
        const state = run(opened([message(1), message(2, { reply })]),
            shared(message(1, { changed_seq: 3, body: '', deleted_at: '2026-01-05T13:00:00.000Z', deleted_by: bob.id })));
        assert.equal(first(state).body, '');
        assert.equal(rowsOf(state, 'a').at(-1).message.reply.deleted, true);
    });

    test('a message ends the typing of its author', () => {
        const typing = { type: 'typing/changed', room: 'a', user: bob.id, until: 10 };
        assert.equal(typingLine(run(opened(), typing), 5), 'Bob is typing…');
        assert.equal(typingLine(run(opened(), typing, shared(message(1))), 5), '');
        assert.equal(typingLine(run(opened(), typing), 11), '');
    });
});

describe('the outbox and the log', () => {
    const entry = draftEntry({ clientId: 'mine', author: me.id, room: 'a', body: 'hello', now: Date.UTC(2026, 0, 5, 12) });

    test('a message leaves the outbox when it arrives, on every device of its author', () => {
        const state = run(opened(), { type: 'outbox/put', entry },
            received(message(1, { author: me.id, client_id: 'mine' })));
        assert.deepEqual(state.outbox, []);
    });

    test('a confirmed message that is below the window waits for no row', () => {
        const page = { messages: [message(1)], has_before: false, has_after: true };
        const state = run(opened([message(1)]), { type: 'page/requested', room: 'a', place: 'window' },
            { type: 'page/loaded', room: 'a', page }, { type: 'outbox/put', entry: { ...entry, state: 'sent' } });
        assert.deepEqual(state.outbox, []);
    });

    test('it keeps its row while it is confirmed', () => {
        const pending = run(opened(), { type: 'outbox/put', entry });
        const stored = run(pending, received(message(1, { author: me.id, client_id: 'mine' })));
        const key = (state) => rowsOf(state, 'a').find((row) => row.type === 'message' || row.type === 'pending').key;
        assert.equal(key(pending), key(stored));
    });

    test('the same client id of another person is another message', () => {
        const state = run(opened(), { type: 'outbox/put', entry }, received(message(1, { client_id: 'mine' })));
        assert.equal(state.outbox.length, 1);
    });

    test('what is read from disk is only mine, and not what has arrived', () => {
        const state = run(opened([message(1, { author: me.id, client_id: 'mine' })]), {
            type: 'outbox/loaded',
            entries: [entry, { ...entry, client_id: 'other', author: 'u-else' }, { ...entry, client_id: 'next' }],
        });
        assert.deepEqual(state.outbox.map((one) => one.client_id), ['next']);
    });
});

describe('rooms', () => {
    test('leaving a room forgets its messages', () => {
        const state = run(opened([message(1)]), { type: 'room/left', room: 'a' });
        assert.equal(state.logs.a, undefined);
        assert.equal(state.rooms.a.joined, false);
    });

    test('a room that is not mine any more after a reconnect is forgotten too', () => {
        const state = run(opened([message(1)]),
            { type: 'session/synced', answer: { rooms: [room('a', { joined: false })], people: [], changes: [], me } });
        assert.equal(state.logs.a, undefined);
    });

    test('leaving a private room leaves nothing of it', () => {
        const state = run(synced([room('a', { kind: 'private' })]), { type: 'room/left', room: 'a' });
        assert.deepEqual(state.rooms, {});
    });

    test('messages of a room that I am not in are not kept', () => {
        const state = synced([room('a', { joined: false })]);
        assert.equal(reduce(state, received(message(1))), state);
    });

    test('logging out leaves nothing behind', () => {
        const state = run(opened([message(1)]), { type: 'session/ended', notice: '' });
        assert.deepEqual([state.me, state.rooms, state.logs, state.outbox], [null, {}, {}, []]);
    });
});

describe('rows of the log', () => {
    const types = (state) => rowsOf(state, 'a').map((row) => row.type);
    const at = (minute) => new Date(2026, 0, 5, 12, minute).toISOString();

    test('messages of one author within five minutes stand under one name', () => {
        const state = opened([message(1, { at: at(0) }), message(2, { at: at(4) }), message(3, { at: at(10) }),
            message(4, { at: at(11), author: me.id })]);
        const leads = rowsOf(state, 'a').filter((row) => row.type === 'message').map((row) => row.lead);
        assert.deepEqual(leads, [true, false, true, true]);
    });

    test('each day begins with its name', () => {
        const state = opened([message(1, { at: new Date(2026, 0, 5, 23, 59).toISOString() }),
            message(2, { at: new Date(2026, 0, 6, 0, 1).toISOString() })]);
        assert.deepEqual(types(state), ['day', 'message', 'day', 'message']);
    });

    test('the line for new messages stays where the read marker was when the room was opened', () => {
        const before = synced([room('a', { unread: 1, read_seq: 1, last_seq: 2, msg_count: 2 })],
            [{ room: 'a', from: 0, to: 2, messages: [message(1), message(2)], reset: false }]);
        const state = run(before, { type: 'room/opened', room: 'a' },
            { type: 'room/read', marker: { room: 'a', read_seq: 2, unread: 0, mentions: 0 } });
        assert.deepEqual(types(state), ['day', 'message', 'new', 'message']);
    });

    describe('of people who come and go', () => {
        const event = (seq, kind, author, more) => message(seq, { kind, author, n: undefined, body: '', at: at(0), ...more });
        const folded = (state) => rowsOf(state, 'a').filter((row) => row.type === 'event')
            .map((row) => row.messages.map((one) => one.seq));

        test('those who do the same one after another have one row', () => {
            const state = opened([event(1, 'joined', 'x'), event(2, 'joined', 'y'), event(3, 'left', 'x'), event(4, 'left', 'y')]);
            assert.deepEqual(folded(state), [[1, 2], [3, 4]]);
        });

        test('a message, a day and the line for new messages part them', () => {
            const state = opened([event(1, 'joined', 'x'), message(2, { at: at(1) }), event(3, 'joined', 'y'),
                event(4, 'joined', 'z', { at: new Date(2026, 0, 6, 9).toISOString() })]);
            assert.deepEqual(folded(state), [[1], [3], [4]]);
        });

        test('whom one person lets in or removes have one row, and whom another one does have the next', () => {
            const state = opened([event(1, 'added', 'x', { target: 'y' }), event(2, 'added', 'x', { target: 'z' }),
                event(3, 'added', 'y', { target: 'w' }), event(4, 'removed', 'y', { target: 'w' })]);
            assert.deepEqual(folded(state), [[1, 2], [3], [4]]);
        });

        test('what changes the room stands by itself', () => {
            const state = opened([event(1, 'topic', 'x', { detail: 'a' }), event(2, 'topic', 'x', { detail: 'b' })]);
            assert.deepEqual(folded(state), [[1], [2]]);
        });

        test('the row keeps its key while more people come, and is drawn again', () => {
            const [one, two] = [opened([event(1, 'joined', 'x')]), opened([event(1, 'joined', 'x'), event(2, 'joined', 'y')])]
                .map((state) => rowsOf(state, 'a').at(-1));
            assert.equal(one.key, two.key);
            assert.notEqual(one.stamp, two.stamp);
        });

        test('up to three are named, of more the first two', () => {
            assert.deepEqual(listed(['a']), { shown: ['a'], more: 0 });
            assert.deepEqual(listed(['a', 'b', 'c']), { shown: ['a', 'b', 'c'], more: 0 });
            assert.deepEqual(listed(['a', 'b', 'c', 'd']), { shown: ['a', 'b'], more: 2 });
        });
    });

    test('a gap is shown, never skipped', () => {
        const state = run(opened([message(1)]), received(message(4)));
        assert.deepEqual(types(state), ['day', 'message', 'gap']);
        assert.equal(rowsOf(state, 'a').at(-1).missing, 2);
    });
});

test('an unknown action is a mistake in the program', () => {
    assert.throws(() => reduce(initialState, { type: 'nonsense' }));
});
