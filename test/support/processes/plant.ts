// A fault planted from outside: loaded with --import before the stage, in its Workers' threads too,
// where it is the same module instance that the stage's own imports get. The variable PLANT says
// where, at which call, what, and for how many calls: "Sink.transmit 200 throw",
// "DgramSender.send 100 later 50", "DgramSender.connect 1 slow". With PLANT_FROM_COMMIT=3, calls count
// only once the third commit has succeeded: with one Worker, which is in the thread that commits.

import { setTimeout as sleep } from 'node:timers/promises';
import { BatchSender } from '../../../src/pipeline/sending/batch-sender.ts';
import { DgramSender } from '../../../src/pipeline/sending/dgram-sender.ts';
import { Frame } from '../../../src/pipeline/frames/frame.ts';
import { Ledger } from '../../../src/pipeline/frames/ledger.ts';
import type { Outcome } from '../../../src/pipeline/sending/sender.ts';
import { Sink } from '../../../src/pipeline/sending/sink.ts';
import { Worker } from '../../../src/pipeline/worker.ts';
import { KafkaSource } from '../../../src/sources/kafka/kafka-source.ts';

type Method = (this: unknown, ...args: unknown[]) => unknown;

const places: Readonly<Record<string, object>> = {
  'Worker.paint': Worker.prototype,
  'Frame.seal': Frame.prototype,
  'Sink.transmit': Sink.prototype,
  'BatchSender.connect': BatchSender.prototype,
  'BatchSender.send': BatchSender.prototype,
  'DgramSender.connect': DgramSender.prototype,
  'DgramSender.send': DgramSender.prototype,
  'Ledger.settle': Ledger.prototype,
  'KafkaSource.commit': KafkaSource.prototype,
};

const slowMs = 1000;
const outcomes: Readonly<Record<string, Outcome>> = {
  later: { kind: 'later', code: 'ENOBUFS' },
  failed: { kind: 'failed', error: new Error('planted outcome') },
};

const [place = '', nth = '1', what = 'throw', times = '1'] = (process.env['PLANT'] ?? '').split(
  ' ',
);
const prototype = places[place];
if (!prototype)
  throw new Error(`PLANT names "${place}", none of ${Object.keys(places).join(', ')}`);
const name = place.slice(place.indexOf('.') + 1);
const first = Number(nth);
let calls = 0;

const fromCommit = Number(process.env['PLANT_FROM_COMMIT'] ?? 0);
let committed = 0;
const commit = Reflect.get(KafkaSource.prototype, 'commit') as Method;
Reflect.set(KafkaSource.prototype, 'commit', function (this: KafkaSource, ...args: unknown[]) {
  committed = this.snapshot.commits.succeeded;
  return commit.apply(this, args);
});

const original = Reflect.get(prototype, name) as Method;
const planted: Method = function (...args) {
  if (committed < fromCommit) return original.apply(this, args);
  calls += 1;
  if (calls < first || calls >= first + Number(times)) return original.apply(this, args);
  if (what === 'throw') throw new Error(`planted in ${place}`);
  if (what === 'slow') return sleep(slowMs).then(() => original.apply(this, args));
  return Promise.resolve(outcomes[what]);
};
Reflect.set(prototype, name, planted);
