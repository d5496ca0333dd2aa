// Receipts in JavaScript (Node, the package zeromq 6): tells the bench what this consumer received.
// The socket is a SUB; a PULL or a REP with its name as the fourth argument. With a fifth argument, "bind", it binds.
// npm install zeromq
// node receipts.mjs tcp://127.0.0.1:5572 analytics tcp://127.0.0.1:5599 SUB
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { Pull, Push, Reply, Subscriber } from "zeromq";

const STAMP = /1-[0-9a-f]{8}-[0-9a-f]{4}(-[0-9a-f]{16}){3}/;

export class Receipts {
  constructor(address) {
    this.lines = [];
    this.head = `zmq-bench-receipts/1 ${clockName()} ${process.pid} 0`;
    this.socket = new Push({ sendHighWaterMark: 10000 });
    this.socket.connect(address);
    this.timer = setInterval(() => this.flush(), 50);
  }

  // Call this as soon as the message has arrived. Returns false if it has no stamp of the bench.
  seen(body) {
    const now = process.hrtime.bigint();
    const stamp = STAMP.exec(body.toString("latin1"));
    if (stamp) this.lines.push(`${stamp[0]} ${now} ${body.length}`);
    return stamp !== null;
  }

  async flush() {
    if (!this.lines.length || this.sending) return;
    this.sending = true;
    const lines = this.lines.splice(0);
    await this.socket.send([this.head, lines.join("\n")]);
    this.sending = false;
  }

  async close() {
    clearInterval(this.timer);
    await this.flush();
    this.socket.close();
  }
}

function clockName() {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return hostname();
  }
}

const [endpoint, topic, address, kind = "SUB", bind] = process.argv.slice(2);
const socket = new { SUB: Subscriber, PULL: Pull, REP: Reply }[kind]();
if (bind) await socket.bind(endpoint);
else socket.connect(endpoint);
if (kind === "SUB") socket.subscribe(topic);
const receipts = new Receipts(address);
process.once("SIGINT", async () => {
  await receipts.close();
  process.exit(0);
});
for await (const frames of socket) {
  receipts.seen(frames[frames.length - 1]);
  if (kind === "REP") await socket.send("{}");
}
