/**
 * The two packet formats, one inside the other: Engine.IO 4 (the connection) carries Socket.IO 5 (events).
 */

/** Engine.IO packet types: the first character of every packet. */
export const Engine = Object.freeze({
    open: '0', close: '1', ping: '2', pong: '3', message: '4', upgrade: '5', noop: '6',
});

/** Socket.IO packet types: the first character of an Engine.IO message. */
export const Socket = Object.freeze({
    connect: '0', disconnect: '1', event: '2', acknowledgement: '3', connectError: '4',
});

/** The polling transport joins packets with the record separator. */
const SEPARATOR = '\x1e';

/** Thrown for bytes that are not a packet; closes the connection. */
export class PacketError extends Error {}

/** @param {string} payload body of a polling response @returns {string[]} Engine.IO packets in order */
export function splitPayload(payload) {
    return payload === '' ? [] : payload.split(SEPARATOR);
}

/**
 * Joins packets into as few request bodies as `bytesMax` allows. One over the limit goes alone: the server refuses it
 * with a reason.
 * @param {string[]} packets
 * @param {number} bytesMax the server's `maxPayload`
 * @returns {string[]} request bodies
 */
export function joinPayloads(packets, bytesMax) {
    const encoder = new TextEncoder();
    const payloads = [];
    let current = '';
    let bytes = 0;
    for (const packet of packets) {
        const size = encoder.encode(packet).length;
        if (current !== '' && bytes + 1 + size > bytesMax) {
            payloads.push(current);
            current = '';
            bytes = 0;
        }
        bytes += size + (current === '' ? 0 : 1);
        current = current === '' ? packet : current + SEPARATOR + packet;
    }
    if (current !== '') payloads.push(current);
    return payloads;
}

/** @param {SocketPacket} packet @returns {string} the Socket.IO packet, without the Engine.IO type in front */
export function encodePacket({ type, namespace = '/', id, data }) {
    return type
        + (namespace === '/' ? '' : `${namespace},`)
        + (id === undefined ? '' : String(id))
        + (data === undefined ? '' : JSON.stringify(data));
}

/**
 * @param {string} text a Socket.IO packet
 * @returns {SocketPacket}
 * @throws {PacketError} for malformed packets and for binary ones, which this server never sends to a browser
 */
export function decodePacket(text) {
    const type = text[0];
    if (!Object.values(Socket).includes(type)) throw new PacketError(`unknown packet type ${text.slice(0, 1)}`);
    const [, namespace, digits, json] = /^(?:(\/[^,]*),)?(\d*)([^]*)$/.exec(text.slice(1));
    const packet = { type, namespace: namespace ?? '/' };
    if (digits !== '') packet.id = Number(digits);
    if (json !== '') {
        try {
            packet.data = JSON.parse(json);
        } catch {
            throw new PacketError('packet data is not JSON');
        }
    }
    check(packet);
    return packet;
}

/** What the types promise about their data, so that readers need no checks of their own. */
function check({ type, id, data }) {
    switch (type) {
    case Socket.event:
        if (!Array.isArray(data) || typeof data[0] !== 'string') throw new PacketError('event without a name');
        break;
    case Socket.acknowledgement:
        if (id === undefined || !Array.isArray(data)) throw new PacketError('acknowledgement without id or data');
        break;
    case Socket.connect:
    case Socket.connectError:
        if (data !== undefined && (typeof data !== 'object' || data === null)) throw new PacketError('bad connect data');
        break;
    }
}
