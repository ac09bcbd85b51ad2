// Writes generated flow events as an Avro container file. The container is put together here and
// not by avsc, so that the header has the contract's own text and equal seeds give equal octets.

import { createWriteStream } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import avro from 'avsc';

import { CONTAINER_MAGIC, SYNC_OCTETS } from '../sources/file/avro-container.ts';
import { flowEventSchema, flowEventType } from './flow-event.ts';
import { FlowGenerator, type FlowGeneratorOptions } from './flow-generator.ts';
import { pace } from './pace.ts';
import { Random } from './random.ts';

/** What is written; more can be read. */
export const fileCodecs = ['null', 'deflate'] as const;
export type FileCodec = (typeof fileCodecs)[number];

interface FlowFileOptions extends FlowGeneratorOptions {
  /** A path, or a stream, which stays open for its owner. */
  readonly output: string | Writable;
  readonly count: number;
  readonly codec?: FileCodec;
  readonly ratePerSecond?: number;
  readonly onProgress?: (events: number) => void;
}

/** What was made, and how long it took. */
export interface FlowRun {
  readonly events: number;
  readonly seconds: number;
}

const BLOCK_EVENTS_MAX = 500;

const deflate = promisify(deflateRaw);
const longType = avro.Type.forSchema('long');
const metadataType = avro.Type.forSchema({ type: 'map', values: 'bytes' });

export async function writeFlowFile(options: FlowFileOptions): Promise<FlowRun> {
  const startMs = performance.now();
  const { output } = options;
  const toPath = typeof output === 'string';
  const octets = Readable.from(containerOctets(options), { objectMode: false });
  await pipeline(octets, toPath ? createWriteStream(output) : output, { end: toPath });
  return { events: options.count, seconds: (performance.now() - startMs) / 1000 };
}

async function* containerOctets(options: FlowFileOptions): AsyncGenerator<Buffer> {
  const { count, codec = 'null', onProgress } = options;
  const sync = syncMarker(options.seed);
  const metadata = {
    'avro.schema': Buffer.from(flowEventSchema),
    'avro.codec': Buffer.from(codec),
  };
  yield Buffer.concat([CONTAINER_MAGIC, metadataType.toBuffer(metadata), sync]);

  const generator = new FlowGenerator(options);
  const { stepEvents, due } = pace(options.ratePerSecond, BLOCK_EVENTS_MAX);
  for (let events = 0; events < count;) {
    const blockEvents = Math.min(stepEvents, count - events);
    const encoded: Buffer[] = [];
    for (let i = 0; i < blockEvents; i++) encoded.push(flowEventType.toBuffer(generator.next()));
    const plain = Buffer.concat(encoded);
    const stored = codec === 'deflate' ? await deflate(plain) : plain;
    yield Buffer.concat([
      longType.toBuffer(blockEvents),
      longType.toBuffer(stored.length),
      stored,
      sync,
    ]);
    events += blockEvents;
    onProgress?.(events);
    await due(events);
  }
}

/** Any 16 octets that hardly occur elsewhere in the file will do; these follow from the seed. */
function syncMarker(seed: number): Buffer {
  const random = new Random(seed);
  const marker = Buffer.alloc(SYNC_OCTETS);
  for (let at = 0; at < SYNC_OCTETS; at += 4) marker.writeUInt32BE(random.uint32(), at);
  return marker;
}
