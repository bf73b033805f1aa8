import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PacketError, Socket, decodePacket, encodePacket, joinPayloads, splitPayload } from '../../Public/js/net/engine.js';

describe('Socket.IO packets', () => {
    test('an event with an acknowledgement id is the type, the id and the JSON', () => {
        assert.equal(encodePacket({ type: Socket.event, id: 12, data: ['room:list', {}] }), '212["room:list",{}]');
    });

    test('a connect packet for the main namespace is one character', () => {
        assert.equal(encodePacket({ type: Socket.connect }), '0');
    });

    test('what is encoded is decoded to the same packet', () => {
        const packet = { type: Socket.event, namespace: '/admin', id: 0, data: ['say', { body: 'a,b/1["x"]\n' }] };
        assert.deepEqual(decodePacket(encodePacket(packet)), packet);
    });

    test('an acknowledgement is read with its id', () => {
        assert.deepEqual(decodePacket('37[{"ok":true}]'), {
            type: Socket.acknowledgement, namespace: '/', id: 7, data: [{ ok: true }],
        });
    });

    test('a refused connect carries its data', () => {
        const packet = decodePacket('4{"message":"no","data":{"code":"unauthenticated"}}');
        assert.equal(packet.data.data.code, 'unauthenticated');
    });

    for (const bad of ['', '9', '2', '2{}', '2[1]', '2["a"', '3["no id"]', '0"text"', '51-["binary"]']) {
        test(`${JSON.stringify(bad)} is refused`, () => assert.throws(() => decodePacket(bad), PacketError));
    }
});

describe('polling payloads', () => {
    test('packets are separated by the record separator', () => {
        assert.deepEqual(splitPayload('0{}\x1e42["a"]\x1e2'), ['0{}', '42["a"]', '2']);
        assert.deepEqual(splitPayload(''), []);
    });

    test('a request body stays below the limit of the server, counted in bytes', () => {
        assert.deepEqual(joinPayloads(['aaaa', 'bb', 'éé', 'c'], 7), ['aaaa\x1ebb', 'éé\x1ec']);
    });

    test('a packet over the limit goes alone', () => {
        assert.deepEqual(joinPayloads(['a', 'bbbbbbbb', 'c'], 4), ['a', 'bbbbbbbb', 'c']);
    });
});
