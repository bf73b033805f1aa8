import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { EngineSession } from '../../Public/js/net/engine.js';

/** A transport that is played by the test. */
class FakeTransport {
    sent = [];
    closed = false;
    paused = false;
    onOpen = () => {};
    constructor(name) { this.name = name; }
    open() {}
    identify(sid) { this.sid = sid; }
    send(packet) { this.sent.push(packet); }
    async pause() { this.paused = true; }
    close() { this.closed = true; }
}

const HANDSHAKE = `0${JSON.stringify({
    sid: 's1', upgrades: ['websocket'], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000,
})}`;

function session(transport) {
    const made = [];
    const make = (name) => () => {
        const fake = new FakeTransport(name);
        made.push(fake);
        return fake;
    };
    const calls = [];
    const engine = new EngineSession('https://h/socket.io/', {
        transport, make: { websocket: make('websocket'), polling: make('polling') },
    });
    engine.onOpen = () => calls.push('open');
    engine.onTransport = (name) => calls.push(name);
    engine.onMessage = (data) => calls.push(`message ${data}`);
    engine.onClose = (reason) => calls.push(`close: ${reason}`);
    engine.open();
    return { engine, made, calls };
}

describe('a session', () => {
    test('opens over WebSocket when it can', () => {
        const { made, calls, engine } = session('auto');
        made[0].onPacket(HANDSHAKE);
        made[0].onPacket('4hello');
        assert.deepEqual(calls, ['websocket', 'open', 'message hello']);
        engine.close();
    });

    test('falls back to polling when the WebSocket does not open', () => {
        const { made, calls, engine } = session('auto');
        made[0].onClose('connection lost');
        made[1].onPacket(HANDSHAKE);
        assert.deepEqual(calls, ['polling', 'open']);
        engine.close();
    });

    test('falls back to polling when the WebSocket hangs', () => {
        mock.timers.enable({ apis: ['setTimeout'] });
        const { made, engine } = session('auto');
        mock.timers.tick(4_000);
        assert.deepEqual(made.map((transport) => transport.name), ['websocket', 'polling']);
        assert.equal(made[0].closed, true);
        engine.close();
        mock.timers.reset();
    });

    test('answers a ping with a pong', () => {
        const { made, engine } = session('auto');
        made[0].onPacket(HANDSHAKE);
        made[0].onPacket('2');
        assert.deepEqual(made[0].sent, ['3']);
        engine.close();
    });

    test('is over when the server has been silent for interval and timeout', () => {
        mock.timers.enable({ apis: ['setTimeout'] });
        const { made, calls } = session('auto');
        made[0].onPacket(HANDSHAKE);
        mock.timers.tick(44_999);
        assert.equal(calls.at(-1), 'open');
        mock.timers.tick(1);
        assert.equal(calls.at(-1), 'close: the server is silent');
        mock.timers.reset();
    });

    test('tells its end once', () => {
        const { made, calls } = session('auto');
        made[0].onPacket(HANDSHAKE);
        made[0].onPacket('1');
        made[0].onClose('connection lost');
        assert.deepEqual(calls.filter((call) => call.startsWith('close')), ['close: closed by the server']);
    });

    test('says goodbye over WebSocket when it is closed here', () => {
        const { made, engine, calls } = session('auto');
        made[0].onPacket(HANDSHAKE);
        engine.close();
        assert.deepEqual(made[0].sent, ['1']);
        assert.ok(!calls.some((call) => call.startsWith('close')));
    });
});

describe('an upgrade', () => {
    test('probes, pauses polling, switches, and sends what waited', async () => {
        const { engine, made, calls } = session('upgrade');
        const [polling] = made;
        polling.onPacket(HANDSHAKE);
        const [, probe] = made;
        engine.send('early');
        probe.onOpen();
        probe.onPacket('3probe');
        engine.send('late');
        await new Promise((resolve) => { setImmediate(resolve); });
        assert.deepEqual(polling.sent, ['4early']);
        assert.equal(polling.paused, true);
        assert.deepEqual(probe.sent, ['2probe', '5', '4late']);
        assert.deepEqual(calls, ['polling', 'open', 'websocket']);
        engine.close();
    });

    test('that fails leaves polling in charge', () => {
        const { engine, made, calls } = session('upgrade');
        made[0].onPacket(HANDSHAKE);
        made[1].onClose('connection lost');
        engine.send('still here');
        assert.deepEqual(made[0].sent, ['4still here']);
        assert.deepEqual(calls, ['polling', 'open']);
        engine.close();
    });

    test('is not tried when polling was asked for', () => {
        const { made, engine } = session('polling');
        made[0].onPacket(HANDSHAKE);
        assert.equal(made.length, 1);
        engine.close();
    });
});
