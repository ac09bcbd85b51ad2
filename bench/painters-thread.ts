// One contender of bench/painters.ts on one case: measures when it is told to.

import { parentPort, workerData } from 'node:worker_threads';
import avro from 'avsc';
import { paintersCases, type PaintersCase } from './painters-cases.ts';
import { painterRun } from './painters-run.ts';

export type Contender = 'avsc decodes, paints nothing' | 'by value' | 'compiled';

/** Of CPU. */
const warmUpMs = 800;
const roundMs = 40;

function passOf({ schema, delivery, binding }: PaintersCase, contender: Contender): () => number {
  if (contender !== 'avsc decodes, paints nothing') return painterRun(binding, delivery, contender);
  const type = avro.Type.forSchema(schema as avro.Schema);
  const { bytes, count, starts } = delivery;
  return () => {
    for (let i = 0; i < count; i += 1) type.decode(bytes, starts[i]);
    return count;
  };
}

/** Nanoseconds of the thread's CPU an event, over as many passes as fit into the time. */
function nsEach(pass: () => number, lastsMs: number): number {
  const begin = process.threadCpuUsage();
  let events = 0;
  let us = 0;
  while (us < lastsMs * 1e3) {
    events += pass();
    const { user, system } = process.threadCpuUsage(begin);
    us = user + system;
  }
  return (us * 1e3) / events;
}

const { name, contender } = workerData as { name: string; contender: Contender };
const pass = passOf(
  paintersCases().find((one) => one.name === name)!,
  contender,
);
parentPort!.on('message', (message: 'warm up' | 'measure') => {
  parentPort!.postMessage(nsEach(pass, message === 'measure' ? roundMs : warmUpMs));
});
