// One Worker in a thread of its own, fed from record sets in memory: no broker and no commit, all else as
// in a run. Says "warm" after a while, and how many events it exported a second after some more.

import { once } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { Observable } from 'rxjs';
import { framingFromText } from '../../src/framing.ts';
import { BatchSender } from '../../src/pipeline/sending/batch-sender.ts';
import { TopicBindings } from '../../src/pipeline/mapping/bindings.ts';
import { systemClock } from '../../src/clock.ts';
import { compiledPainter } from '../../src/pipeline/painting/compiled-painter.ts';
import { loadLibc } from '../../src/pipeline/sending/libc.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { Worker } from '../../src/pipeline/worker.ts';
import type { Delivery } from '../../src/sources/delivery.ts';
import { Deliveries } from '../../src/sources/datums/deliveries.ts';
import { SchemaStore } from '../../src/sources/schemas/schema-store.ts';
import { Unframer } from '../../src/sources/datums/unframe.ts';
import { batchByKafkajs } from '../../test/support/kafka/any-record-batch.ts';
import { flowSchema, flowType, randomFlows } from '../flows.ts';

const { seconds, warmSeconds, index, port } = workerData as {
  seconds: number;
  warmSeconds: number;
  index: number;
  /** Bound, and read by nobody: what finds no room in it costs its sender the same. */
  port: number;
};
const batchRecords = 1_000;
const batches = 16;
const topic = 'flows';
const origin = { topic, partition: 0, generation: 1 };

/** About a mebioctet, as a fetch gives of one partition. */
async function recordSet(): Promise<Buffer> {
  const nextFlow = randomFlows(index + 1);
  const made: Buffer[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const baseOffset = batch * batchRecords;
    const records = Array.from({ length: batchRecords }, (_, i) => ({
      ...{ offset: baseOffset + i, timestampMs: 1_785_585_600_000, key: null, headers: [] },
      value: flowType.toBuffer(nextFlow(1_785_585_600_000 + i)).toString('hex'),
    }));
    made.push(
      await batchByKafkajs({
        ...{ codec: 0, baseOffset, lastOffset: baseOffset + batchRecords - 1, records },
        ...{ logAppendTime: undefined, producerId: -1, isTransactional: false, isControl: false },
      }),
    );
  }
  return Buffer.concat(made);
}

/** The first offset of each batch, which no CRC covers, so that offsets rise for ever. */
function number(set: Buffer, fetchOffset: number): void {
  for (let at = 0, offset = fetchOffset; at < set.length; offset += batchRecords) {
    set.writeBigInt64BE(BigInt(offset), at);
    at += 12 + set.readInt32BE(at + 8);
  }
}

const log = pino({ level: 'silent' });
const sender = new BatchSender(loadLibc(), { host: '127.0.0.1', port, families: [4], log });
const bindings = new TopicBindings({ words: { section: {}, presets: [] } });
const clock = systemClock();
const worker = new Worker({
  ...{ bindingsOf: () => bindings, known: [], sender, clock, log },
  ...{ observationDomainId: index + 1, messageOctetsMax: 1_460, flushIntervalMs: 500 },
  ...{ confirmWindowMs: 100, templateRefreshIntervalMs: 60_000, templateRefreshMessages: 4_096 },
  ...{ templatesMax: 4_096, inFlightBytes: 2 ** 26, inFlightEvents: Infinity },
  ...{ onBadEvent: 'stop', painterFor: compiledPainter, optionsRefreshIntervalMs: 600_000 },
  domainOptions: { flowKeys: [], elementTypes: false, samplingRate: undefined },
});
const schemas = new SchemaStore({
  bare: new Map([[topic, { name: 'flow.avsc', json: flowSchema }]]),
  byFingerprint: new Map(),
  registry: undefined,
});
const unframer = new Unframer({
  ...{ topic, framing: framingFromText('bare')!, schemas, messageOctetsMax: 2 ** 20 },
});
const cutting = new Deliveries({ checkCrcs: true, batchOctetsMax: 2 ** 26 });
const octets = await recordSet();

const deliveries = new Observable<Delivery>((subscriber) => {
  void (async () => {
    for (let fetchOffset = 0; ; fetchOffset += batches * batchRecords) {
      number(octets, fetchOffset);
      const set = { octets, fetchOffset, aborted: [] };
      for (const step of cutting.of({ set, origin, datumsMax: batchRecords }, unframer)) {
        if ('schemaId' in step) throw new Error(`schema ${step.schemaId} is not there`);
        worker.intake.track(step);
        subscriber.next(step);
        await (worker.intake.room() ?? turn());
      }
    }
  })();
});

await worker.start();
pipeline({ deliveries, commit: () => Promise.resolve() }, worker, 1_000).subscribe();
await sleep(warmSeconds * 1_000);
parentPort!.postMessage('warm');
await once(parentPort!, 'message');
const before = { exported: worker.ledger.account.exported, atMs: performance.now() };
await sleep(seconds * 1_000);
const exported = worker.ledger.account.exported - before.exported;
parentPort!.postMessage((exported * 1_000) / (performance.now() - before.atMs));
