#!/usr/bin/env node
// Deliveries through Redis: two instances, one Redis, a room with many sockets on both, one sender on the first.
//
//   node Benchmarks/Fleet/fleet.mjs [--sockets 1000] [--seconds 10] [--adapter classic|sharded] [--rate 40]
//        [--servers PORT:PID,PORT:PID]     measures servers that run already, of any kind, instead of starting ours
//
// Prints the servers' CPU time per delivery and the latency from the send to the arrival at each socket, once as fast
// as it goes with WINDOW messages in flight and once at a steady rate. Needs a release build of ConformanceServer.
import { spawn } from "node:child_process";
import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { freePort, quantile, until } from "./common.mjs";
import { Client } from "./sockets.mjs";

const WINDOW = 8;
const TICKS_PER_SECOND = 100;
const EPOCH = 1e13;
const AT_OFFSET = '42["room message",{"room":"bench","at":'.length;
const { values: options } = parseArgs({
  options: {
    sockets: { type: "string", default: "1000" }, seconds: { type: "string", default: "10" },
    adapter: { type: "string", default: "classic" }, rate: { type: "string", default: "40" },
    servers: { type: "string" }, binary: { type: "string", default: ".build/release/ConformanceServer" },
    bytes: { type: "string", default: "200" },
  },
});

const text = "x".repeat(Number(options.bytes));
const listens = (port) => until(() => new Promise((resolve, reject) => {
  const probe = net.connect(port, "127.0.0.1", () => { probe.destroy(); resolve(); });
  probe.on("error", reject);
}));

const children = [];
const start = async (port, command, args) => {
  const child = spawn(command, args, { stdio: "ignore" });
  children.push(child);
  await listens(port);
  return { port, pid: child.pid };
};
/** User and system time of a process, in seconds. */
const cpu = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return { user: Number(fields[11]) / TICKS_PER_SECOND, system: Number(fields[12]) / TICKS_PER_SECOND };
};
const microseconds = (seconds, count) => (seconds / count * 1e6).toFixed(2);

async function measure(name, servers, clients, sender, rate) {
  const count = clients.length;
  const latencies = [];
  let arrived = 0, sent = 0, done, finished = false;
  const end = new Promise((resolve) => { done = resolve; });
  const send = () => {
    sent += 1;
    // Always as many digits, so that no receiver needs to parse.
    const at = EPOCH + Math.round(performance.now() * 1000);
    sender.send(`42["room message",{"room":"bench","at":${at},"text":"${text}"}]`);
  };
  onDelivery = (data, start) => {
    const at = Number(data.latin1Slice(start + AT_OFFSET, start + AT_OFFSET + 14)) - EPOCH;
    latencies.push(performance.now() - at / 1000);
    arrived += 1;
    if (!rate && arrived % count === 0 && !finished) send();
    if (finished && arrived === sent * count) done();
  };
  const processes = [...servers, { pid: process.pid }];
  const before = processes.map(({ pid }) => cpu(pid));
  const started = performance.now();
  let timer;
  if (rate) timer = setInterval(send, 1000 / rate); else for (let n = 0; n < WINDOW; n++) send();
  await new Promise((resolve) => setTimeout(resolve, Number(options.seconds) * 1000));
  clearInterval(timer);
  finished = true;
  if (arrived < sent * count) await end;
  const seconds = (performance.now() - started) / 1000;
  const spent = processes.map(({ pid }, index) => {
    const now = cpu(pid);
    return { user: now.user - before[index].user, system: now.system - before[index].system };
  });
  const sorted = Float64Array.from(latencies).sort();
  const receiver = spent.pop();
  const user = spent.reduce((sum, value) => sum + value.user, 0);
  const system = spent.reduce((sum, value) => sum + value.system, 0);
  console.log(
    `${name}: ${Math.round(arrived / seconds)} deliveries/s, ${microseconds(user + system, arrived)} µs of CPU each ` +
    `(${microseconds(user, arrived)} in the server, ${microseconds(system, arrived)} in the kernel; the receiving ` +
    `process ${microseconds(receiver.user + receiver.system, arrived)}), ${Math.round(arrived / (user + system))} per ` +
    `CPU-second, p50 ${quantile(sorted, 0.5).toFixed(2)} ms, p99 ${quantile(sorted, 0.99).toFixed(2)} ms`);
}

let onDelivery = () => {};
const folder = mkdtempSync("/tmp/bench-");
try {
  let servers = options.servers?.split(",").map((text) => ({ port: Number(text.split(":")[0]), pid: Number(text.split(":")[1]) }));
  if (!servers) {
    const redis = await freePort();
    await start(redis, "redis-server", ["--port", String(redis), "--bind", "127.0.0.1", "--save", "", "--dir", folder]);
    servers = [];
    for (let index = 0; index < 2; index++) {
      const port = await freePort();
      servers.push(await start(port, options.binary,
        ["fleet", "--port", String(port), "--redis", `redis://127.0.0.1:${redis}/0`, "--adapter", options.adapter]));
    }
  }
  const clients = [];
  for (let index = 0; index < Number(options.sockets); index++) {
    const client = new Client(servers[index % servers.length].port, (data, start, length) => onDelivery(data, start, length));
    await client.ready;
    client.send('42["join","bench"]');
    clients.push(client);
  }
  const sender = new Client(servers[0].port, () => {});
  await sender.ready;
  // A round trip on every connection: all have joined.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await measure("saturated", servers, clients, sender, 0);
  await measure(`${options.rate} messages/s`, servers, clients, sender, Number(options.rate));
  for (const client of [...clients, sender]) client.close();
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
