// What painting an event costs, alone: `node bench/painters.ts`. avsc's decode, which paints nothing,
// the by-value Painter and the compiled one take turns over the same octets; CPU time of their threads. Each has a
// thread to itself, because V8 compiles a function for all that it met in it.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import Table from 'cli-table3';
import { paintersCases } from './painters-cases.ts';
import type { Contender } from './painters-thread.ts';
import { median } from './rounds.ts';

const rounds = 9;

/** Names of the only cases wanted, where any are given. */
const wanted = process.argv.slice(2);

interface Row {
  readonly name: string;
  readonly ns: readonly number[];
}

const contenders: readonly Contender[] = ['avsc decodes, paints nothing', 'by value', 'compiled'];
const threadFile = new URL('./painters-thread.ts', import.meta.url);

async function rowsOf(name: string): Promise<Row[]> {
  const threads = contenders.map(
    (contender) => new Worker(threadFile, { workerData: { name, contender } }),
  );
  const rows = contenders.map((contender) => ({
    name: `${name}: ${contender}`,
    ns: [] as number[],
  }));
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [i, thread] of threads.entries()) {
      thread.postMessage(round === 0 ? 'warm up' : 'measure');
      const [ns] = (await once(thread, 'message')) as [number];
      if (round > 0) rows[i]!.ns.push(ns);
    }
  }
  await Promise.all(threads.map((thread) => thread.terminate()));
  return rows;
}

const table = new Table({
  head: ['', 'ns CPU an event', 'least', 'most', 'times avsc'],
  style: { head: [] },
  colAligns: ['left', 'right', 'right', 'right', 'right'],
});
const compiled: { name: string; ns: number; fields: number }[] = [];
for (const one of paintersCases()) {
  if (wanted.length > 0 && !wanted.some((text) => one.name.includes(text))) continue;
  const rows = await rowsOf(one.name);
  const decode = median(rows[0]!.ns);
  for (const { name, ns } of rows) {
    const values = [median(ns), Math.min(...ns), Math.max(...ns)].map((n) => n.toFixed(1));
    table.push([name, ...values, (decode / median(ns)).toFixed(2)]);
  }
  const { length } = one.binding.mapping.fields;
  compiled.push({ name: one.name, ns: median(rows[2]!.ns), fields: length });
}
process.stdout.write(`Node.js ${process.version}\n${table.toString()}\n`);
for (const { name, ns, fields } of compiled) {
  process.stdout.write(`${name}, compiled: ${(ns / fields).toFixed(1)} ns a field\n`);
}
