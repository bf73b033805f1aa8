#!/usr/bin/env node
// What it costs that no session is sticky: a request that lands on the session's owner beside one that lands on another
// instance and is relayed, in turns.
//
//   node Benchmarks/Fleet/relay.mjs [--polls 4000] [--upgrades 500] [--bin .build/release]
//
// A poll is a POST on a connection that stays open; an upgrade goes from connecting to the answer to the probe. Needs
// release builds of ChatServer and chatctl.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, chmodSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { performance } from "node:perf_hooks";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { freePort, quantile, until } from "./common.mjs";
import { mask } from "./sockets.mjs";

const { values: options } = parseArgs({
  options: {
    polls: { type: "string", default: "4000" }, upgrades: { type: "string", default: "500" },
    bin: { type: "string", default: ".build/release" },
  },
});
const WARM_UP = 200;
const PATH = "/socket.io/?EIO=4&transport=";

const request = (port, method, path, body, agent) => new Promise((answered, failed) => {
  const sent = http.request({ host: "127.0.0.1", port, method, path, agent }, (response) => {
    let text = "";
    response.on("data", (data) => { text += data; });
    response.on("end", () => (response.statusCode === 200 ? answered(text) : failed(new Error(`${response.statusCode}: ${text}`))));
  });
  sent.on("error", failed);
  sent.end(body);
});

const open = async (port) => JSON.parse((await request(port, "GET", `${PATH}polling`)).slice(1)).sid;

/** Until the other side has answered the probe. */
const upgrade = (port, sid) => new Promise((upgraded, failed) => {
  let isOpen = false;
  const socket = net.connect(port, "127.0.0.1", () => {
    socket.setNoDelay(true);
    socket.write(`GET ${PATH}websocket&sid=${sid} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
  });
  socket.on("error", failed);
  socket.on("data", (data) => {
    if (data.includes("3probe")) { socket.destroy(); upgraded(); return; }
    if (isOpen) return;
    if (!data.includes("101 Switching")) { failed(new Error(data.toString())); return; }
    isOpen = true;
    socket.write(mask(Buffer.from("2probe")));
  });
});

async function compare(name, count, owner, other, once) {
  const times = { owner: [], other: [] };
  for (let number = 0; number < count + WARM_UP; number++) {
    for (const [side, port] of [["owner", owner], ["other", other]]) {
      const took = await once(side, port);
      if (number >= WARM_UP) times[side].push(took);
    }
  }
  const of = (side, q) => quantile(Float64Array.from(times[side]).sort(), q);
  const line = [0.5, 0.99].map((q) =>
    `p${q * 100} ${of("owner", q).toFixed(3)} ms at the owner, ${of("other", q).toFixed(3)} ms relayed ` +
    `(+${(of("other", q) - of("owner", q)).toFixed(3)} ms, ${(of("other", q) / of("owner", q)).toFixed(1)} x)`);
  console.log(`${name}: ${line.join("; ")}`);
}

const folder = mkdtempSync("/tmp/relay-");
chmodSync(folder, 0o755); // PostgreSQL may run as another user
const data = `${folder}/data`;
const tool = resolve(options.bin, "chatctl");
const children = [];
try {
  // The fleet brings the storage; two more instances with ports of their own are what is measured.
  const port = await freePort();
  children.push(spawn(tool, ["up", "-n", "1", "--port", String(port), "--data", data], { stdio: "ignore", cwd: folder }));
  await until(() => request(port, "GET", "/api/v1/setup"));
  const [first] = JSON.parse(execFileSync(tool, ["instances", "ls", "--json", "--data", data], { cwd: folder })).data;
  const environment = Object.fromEntries(readFileSync(`/proc/${first.pid}/environ`, "utf8").split("\0")
    .filter((entry) => entry.includes("=")).map((entry) => [entry.split("=")[0], entry.slice(entry.indexOf("=") + 1)]));
  const ports = [];
  for (let index = 0; index < 2; index++) {
    const own = await freePort();
    children.push(spawn(resolve(options.bin, "ChatServer"), {
      stdio: "ignore",
      env: { ...environment, INSTANCE_ID: `relay${index}`, PORT: String(own), HOST: "127.0.0.1", PRIVATE_PORT: "0" },
    }));
    await until(() => request(own, "GET", "/api/v1/setup"));
    ports.push(own);
  }
  const [owner, other] = ports;
  const agents = { owner: new http.Agent({ keepAlive: true, maxSockets: 1 }), other: new http.Agent({ keepAlive: true, maxSockets: 1 }) };
  const sid = await open(owner);
  await compare("poll", Number(options.polls), owner, other, async (side, at) => {
    const start = performance.now();
    await request(at, "POST", `${PATH}polling&sid=${sid}`, "3", agents[side]);
    return performance.now() - start;
  });
  for (const agent of Object.values(agents)) agent.destroy();
  await compare("upgrade", Number(options.upgrades), owner, other, async (_, at) => {
    const fresh = await open(owner);
    const start = performance.now();
    await upgrade(at, fresh);
    const took = performance.now() - start;
    await request(owner, "POST", `${PATH}polling&sid=${fresh}`, "1");
    return took;
  });
} finally {
  for (const child of children.slice(1)) child.kill("SIGKILL");
  if (children[0]) {
    const ended = new Promise((gone) => children[0].on("exit", gone));
    children[0].kill("SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}
