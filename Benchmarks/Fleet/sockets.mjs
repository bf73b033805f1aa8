// Many Socket.IO clients in one process, as cheap as they can be: a TCP connection each, frames cut by hand.
import net from "node:net";
import { randomBytes } from "node:crypto";

const PING = 0x32; // '2'
const PONG = mask(Buffer.from("3"));

/** A client's text frame. The mask is zero: the receiver's work is the same, ours is less. */
export function mask(payload) {
  const head = payload.length < 126 ? [0x81, 0x80 | payload.length, 0, 0, 0, 0]
    : [0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0];
  return Buffer.concat([Buffer.from(head), payload]);
}

export class Client {
  constructor(port, onMessage) {
    this.onMessage = onMessage;
    this.rest = null;
    this.isOpen = false;
    this.ready = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.socket = net.connect(port, "127.0.0.1", () => {
        this.socket.write(
          `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n` +
          `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`);
      });
      this.socket.setNoDelay(true);
      this.socket.on("error", reject);
      this.socket.on("close", () => reject(new Error("closed")));
      this.socket.on("data", (data) => this.take(data));
    });
  }

  send(text) { this.socket.write(mask(Buffer.from(text))); }

  take(data) {
    if (this.rest) data = Buffer.concat([this.rest, data]);
    this.rest = null;
    let at = 0;
    if (!this.isOpen) {
      const end = data.indexOf("\r\n\r\n");
      if (end < 0) { this.rest = data; return; }
      this.isOpen = true;
      at = end + 4;
    }
    while (at + 2 <= data.length) {
      let length = data[at + 1], start = at + 2;
      if (length === 126) { if (at + 4 > data.length) break; length = data.readUInt16BE(at + 2); start = at + 4; }
      if (start + length > data.length) break;
      this.frame(data, start, length);
      at = start + length;
    }
    if (at < data.length) this.rest = data.subarray(at);
  }

  frame(data, start, length) {
    const type = data[start];
    if (type === PING) return void this.socket.write(PONG);
    if (type === 0x30) return this.send("40"); // open → connect to "/"
    if (data[start + 1] === 0x30) return this.resolve(); // 40: connected
    this.onMessage(data, start, length);
  }

  close() { this.socket.destroy(); }
}
