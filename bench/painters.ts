// What painting an event costs, alone: `node bench/painters.ts`. avsc's decode, which paints nothing,
// the by-value Painter and the compiled one take turns over the same octets; CPU time of their thread.

import avro from 'avsc';
import Table from 'cli-table3';
import { paintersCases, type PaintersCase } from './painters-cases.ts';
import { painterRun } from './painters-run.ts';
import { median } from './stage-run.ts';

const rounds = 15;
const roundMs = 60;
const warmUpMs = 600;

/** Names of the only cases wanted, where any are given. */
const wanted = process.argv.slice(2);

interface Row {
  readonly name: string;
  readonly ns: readonly number[];
}

/** Nanoseconds of the thread's CPU an event, over as many passes as fit into the time. */
function nsEach(pass: () => number, lastsMs: number): number {
  const begin = process.threadCpuUsage();
  const endMs = performance.now() + lastsMs;
  let events = 0;
  while (performance.now() < endMs) events += pass();
  const { user, system } = process.threadCpuUsage(begin);
  return ((user + system) * 1e3) / events;
}

function rowsOf({ name, schema, delivery, binding }: PaintersCase): Row[] {
  const type = avro.Type.forSchema(schema as avro.Schema);
  const { bytes, count, starts } = delivery;
  const decode = () => {
    for (let i = 0; i < count; i += 1) type.decode(bytes, starts[i]);
    return count;
  };
  const runs: readonly (readonly [string, () => number])[] = [
    [`${name}: avsc decodes, paints nothing`, decode],
    [`${name}: by value`, painterRun(binding, delivery, 'by value')],
    [`${name}: compiled`, painterRun(binding, delivery, 'compiled')],
  ];
  for (const [, pass] of runs) nsEach(pass, warmUpMs);
  const taken = runs.map(([row]) => ({ name: row, ns: [] as number[] }));
  for (let round = 0; round < rounds; round += 1) {
    runs.forEach(([, pass], i) => taken[i]!.ns.push(nsEach(pass, roundMs)));
  }
  return taken;
}

const table = new Table({
  head: ['', 'ns CPU an event', 'least', 'most', 'times avsc'],
  style: { head: [] },
  colAligns: ['left', 'right', 'right', 'right', 'right'],
});
const compiled: { name: string; ns: number; fields: number }[] = [];
for (const one of paintersCases()) {
  if (wanted.length > 0 && !wanted.some((text) => one.name.includes(text))) continue;
  const rows = rowsOf(one);
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
