// Counts what arrived, from the stamps of the bench. Reads the bodies that a consumer received, one a line.
// consumer | node losses.mjs
import { createInterface } from "node:readline";

const STAMP = /"_bench":"1-([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{16})-([0-9a-f]{16})-([0-9a-f]{16})"/;

// The stamp of a body, or null. The times are ns of the sender's monotonic clock (process.hrtime.bigint()).
export function decode(body) {
  const found = STAMP.exec(body);
  if (found === null) return null;
  const [, run, handler, number, due, sent] = found;
  return { run, handler, number: Number(`0x${number}`), dueNs: BigInt(`0x${due}`), sentNs: BigInt(`0x${sent}`) };
}

// The sequence numbers of one handler, as they arrived.
export class Numbers {
  received = 0;
  duplicates = 0;
  first = 0;
  last = 0;
  missing = new Set(); // between the first and the last one

  add(number) {
    if (this.received === 0) {
      this.first = this.last = number;
    } else if (number > this.last) {
      while (++this.last < number) this.missing.add(this.last);
    } else if (number < this.first) {
      while (--this.first > number) this.missing.add(this.first);
    } else if (!this.missing.delete(number)) {
      this.duplicates += 1;
      return;
    }
    this.received += 1;
  }
}

const handlers = new Map();
let without = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const stamp = decode(line);
  if (stamp === null) {
    without += 1;
    continue;
  }
  const name = `run ${stamp.run} handler ${stamp.handler}`;
  if (!handlers.has(name)) handlers.set(name, new Numbers());
  handlers.get(name).add(stamp.number);
}
for (const name of [...handlers.keys()].sort()) {
  const seen = handlers.get(name);
  console.log(
    `${name}: received ${seen.received}, first ${seen.first}, last ${seen.last}, ` +
      `missing ${seen.missing.size}, duplicates ${seen.duplicates}`,
  );
}
console.log(`without a stamp: ${without}`);
