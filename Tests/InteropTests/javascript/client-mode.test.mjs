/** The stock client against `ConformanceServer client`: STOCK_CLIENT, SERVER_URL and TRANSPORTS come from outside. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { loadStockClient, once } from './stock-client.mjs';

const io = loadStockClient(process.env.STOCK_CLIENT);
const url = process.env.SERVER_URL;
const transports = process.env.TRANSPORTS.split(',');
const upgrades = transports.length > 1;

let sockets = [];
function open(path = '/', options = {}) {
    const socket = io(`${url}${path}`, { forceNew: true, transports, reconnectionDelay: 10, ...options });
    sockets.push(socket);
    return socket;
}
async function connect(path, options) {
    const socket = open(path, options);
    await once(socket, 'connect');
    return socket;
}
afterEach(() => {
    for (const socket of sockets) socket.close();
    sockets = [];
});

// --- events

test('an event is answered', async () => {
    const socket = await connect();
    socket.emit('hi');
    await once(socket, 'hi');
});

test('an acknowledgement brings back what was sent', async () => {
    const socket = await connect();
    for (const value of [1, 'two', [3], { four: null }, false, null, 'ä€😀', '', 1e21, { _placeholder: false }]) {
        assert.deepEqual(await socket.emitWithAck('echo', value), value);
    }
});

test('the server asks for an acknowledgement', async () => {
    const socket = await connect();
    socket.on('ack', (answer) => answer(5, { test: true }));
    socket.emit('ack');
    await once(socket, 'got it');
});

test('times come as text', async () => {
    const socket = await connect();
    assert.match(await socket.emitWithAck('getAckDate', { test: true }), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    socket.emit('getDate');
    assert.equal(typeof await once(socket, 'takeDate'), 'string');
    socket.emit('getDateObj');
    assert.equal(typeof (await once(socket, 'takeDateObj')).date, 'string');
});

test('text of all alphabets comes in its order', async () => {
    const socket = await connect();
    const texts = [];
    const last = new Promise((resolve) => {
        socket.on('takeUtf8', (text) => texts.push(text) === 5 && resolve());
    });
    socket.emit('getUtf8');
    await last;
    assert.deepEqual(texts, ['てすと', 'Я Б Г Д Ж Й', 'Ä ä Ü ü ß', 'utf8 — string', 'utf8 — string']);
});

test('false stays false', async () => {
    const socket = await connect();
    socket.emit('false');
    assert.equal(await once(socket, 'false'), false);
});

test('an event that nobody handles is not acknowledged', async () => {
    const socket = await connect();
    await assert.rejects(socket.timeout(50).emitWithAck('unknown'), /timed out/);
    await socket.emitWithAck('echo', 'still here');
});

test('many events keep their order and their answers', async () => {
    const socket = await connect();
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    assert.deepEqual(await Promise.all(numbers.map((number) => socket.emitWithAck('echo', number))), numbers);
});

test('events are sent again until they are acknowledged, in their order', async () => {
    const socket = open('/', { retries: 3, ackTimeout: 2_000 });
    const answers = await Promise.all([1, 2, 3].map((number) => new Promise((resolve, reject) => {
        socket.emit('echo', number, (error, value) => (error ? reject(error) : resolve(value)));
    })));
    assert.deepEqual(answers, [1, 2, 3]);
});

test('a large event arrives', async () => {
    const socket = await connect();
    const text = 'x'.repeat(400_000);
    assert.equal(await socket.emitWithAck('echo', text), text);
});

// --- binary

const bytes = Uint8Array.from([97, 115, 100, 102]);
function asText(buffer) {
    return new TextDecoder().decode(buffer);
}

test('bytes come as bytes', async () => {
    const socket = await connect();
    socket.emit('doge');
    assert.equal(asText(await once(socket, 'doge')), 'asdfasdf');
    socket.emit('getbin');
    assert.equal(asText(await once(socket, 'takebin')), 'asdfasdf');
});

test('bytes arrive as bytes, alone, in an object and in sequence', async () => {
    const socket = await connect();
    for (const [event, answer] of [['buffa', 'buffack'], ['blob', 'back']]) {
        socket.emit(event, bytes.buffer);
        await once(socket, answer);
    }
    for (const [event, answer] of [['jsonbuff', 'jsonbuff-ack'], ['jsonblob', 'jsonblob-ack']]) {
        socket.emit(event, { hello: 'lol', message: bytes.buffer, goodbye: 'gotcha' });
        await once(socket, answer);
    }
    socket.emit('abuff1', bytes.buffer);
    socket.emit('abuff2', 'please arrive second');
    await once(socket, 'abuff2-ack');
    socket.emit('blob1', bytes.buffer);
    socket.emit('blob2', 'second');
    socket.emit('blob3', bytes.buffer);
    await once(socket, 'blob3-ack');
});

test('bytes are acknowledged as bytes', async () => {
    const socket = await connect();
    const answer = await socket.emitWithAck('echo', { deep: [bytes, { deeper: bytes }], beside: 'text' });
    assert.equal(asText(answer.deep[0]), 'asdf');
    assert.equal(asText(answer.deep[1].deeper), 'asdf');
    assert.equal(answer.beside, 'text');
});

// --- namespaces and middlewares

test('the id is the same on both sides, in each namespace another', async () => {
    const [root, foo] = [await connect(), await connect('/foo')];
    assert.equal(await root.emitWithAck('getId'), root.id);
    assert.equal(await foo.emitWithAck('getId'), foo.id);
    assert.notEqual(root.id, foo.id);
});

test('several namespaces share one connection', async () => {
    const root = open('/', { forceNew: false, multiplex: true });
    const foo = io(`${url}/foo`, { transports });
    const asd = io(`${url}/asd`, { transports });
    sockets.push(foo, asd);
    await Promise.all([root, foo, asd].map((socket) => once(socket, 'connect')));
    assert.equal(root.io, foo.io);
    foo.disconnect();
    assert.equal(await root.emitWithAck('echo', 'one left, the others stay'), 'one left, the others stay');
    foo.connect();
    await once(foo, 'connect');
});

test('an unknown namespace is refused', async () => {
    assert.equal((await once(open('/doesnotexist'), 'connect_error')).message, 'Invalid namespace');
});

test('middlewares refuse', async () => {
    assert.equal((await once(open('/no'), 'connect_error')).message, 'Auth failed (custom namespace)');
    const refused = open('/', { query: { fail: true } });
    assert.equal((await once(refused, 'connect_error')).message, 'Auth failed (main namespace)');
    assert.equal(refused.connected, false);
});

test('query and auth are told by the handshake', async () => {
    const queried = open('/abc', { query: { b: 'c', '&a': '&=?a', 'ä': 'ö ü' }, auth: { token: '123', deep: { a: [1] } } });
    const handshake = await once(queried, 'handshake');
    assert.equal(handshake.query.b, 'c');
    assert.equal(handshake.query['&a'], '&=?a');
    assert.equal(handshake.query['ä'], 'ö ü');
    assert.equal(handshake.query.token, undefined);
    assert.deepEqual(handshake.auth, { token: '123', deep: { a: [1] } });
    const inPath = open('/abc?b=c&d=e');
    assert.deepEqual((({ b, d }) => ({ b, d }))((await once(inPath, 'handshake')).query), { b: 'c', d: 'e' });
    const root = await connect('/', { query: { one: 1 } });
    assert.equal((await root.emitWithAck('getHandshake')).query.one, '1');
});

test('a client of the second protocol is refused', async () => {
    const response = await fetch(`${url}/socket.io/?EIO=3&transport=polling`);
    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), { code: 5, message: 'Unsupported protocol version' });
});

// --- connections

test('polling is left for WebSocket', { skip: !upgrades }, async () => {
    const socket = open();
    await once(socket, 'connect');
    if (socket.io.engine.transport.name !== 'websocket') await once(socket.io.engine, 'upgrade');
    assert.equal(await socket.emitWithAck('echo', 'upgraded'), 'upgraded');
});

test('events keep their order while the connection is upgraded', { skip: !upgrades }, async () => {
    const socket = open();
    const answers = [];
    for (let number = 0; number < 100; number += 1) {
        answers.push(socket.emitWithAck('echo', number));
        if (number % 10 === 0) await new Promise(setImmediate);
    }
    assert.deepEqual(await Promise.all(answers), Array.from({ length: 100 }, (_, number) => number));
});

test('a lost connection is made anew, and the socket is recovered with its id', async () => {
    const socket = await connect();
    assert.equal(socket.recovered, false);
    const id = socket.id;
    socket.emit('hi');
    await once(socket, 'hi');
    socket.io.engine.close();
    await once(socket, 'connect');
    assert.equal(socket.recovered, true);
    assert.equal(socket.id, id);
    assert.equal(await socket.emitWithAck('echo', 'back'), 'back');
});

test('who heard nothing yet, or says what nobody knows, starts anew', async () => {
    const socket = await connect();
    const id = socket.id;
    socket.io.engine.close();
    await once(socket, 'connect');
    assert.equal(socket.recovered, false);
    assert.notEqual(socket.id, id);
    socket._pid = 'unknown';
    socket._lastOffset = 'unknown';
    socket.io.engine.close();
    await once(socket, 'connect');
    assert.equal(socket.recovered, false);
});

test('who left on purpose is not recovered', async () => {
    const socket = await connect();
    socket.emit('hi');
    await once(socket, 'hi');
    socket.disconnect().connect();
    await once(socket, 'connect');
    assert.equal(socket.recovered, false);
});

test('what cannot be read ends the connection, and the client comes back', async () => {
    const socket = await connect();
    socket.io.engine.write('bad');
    // Over polling the request that brought it is refused, which the client takes for an error.
    assert.match(await once(socket, 'disconnect'), /^transport (close|error)$/);
    await once(socket, 'connect');
});

test('what was sent while the client was away comes behind the connection', async () => {
    const socket = open('/', { autoConnect: false });
    const answer = socket.emitWithAck('echo', 'early');
    socket.connect();
    assert.equal(await answer, 'early');
});

test('the heartbeat keeps the connection', { timeout: 15_000 }, async () => {
    const socket = await connect();
    const pings = new Promise((resolve) => {
        let count = 0;
        socket.io.on('ping', () => (count += 1) === 2 && resolve());
    });
    await pings;
    assert.equal(socket.connected, true);
});
