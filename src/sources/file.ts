// An Avro container file, or one on standard input, as an Observable of Deliveries. Offsets are the
// events' ordinals in the file; nothing is committed to a file, so reading begins at its start.

import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { Observable, type Subscriber } from 'rxjs';
import { eventReader, type EventReader } from '../avro/event-reader.ts';
import { parseSchema } from '../avro/schema.ts';

import { AvroContainer, type ContainerBlock, type ContainerCodec } from './avro-container.ts';
import type { Delivery, Intake, Origin, WriterSchema } from './delivery.ts';

const DELIVERY_EVENTS_MAX = 1000;

export interface FileDeliveriesOptions {
  /** Completes after so many events; all of them unless given. */
  readonly eventsMax?: number;
}

export interface AvroFile {
  readonly path: string;
  /** As the header has it, unknown attributes included. */
  readonly writerSchema: WriterSchema;
  readonly codec: ContainerCodec;
  /** To be subscribed once; unsubscribing closes the file. */
  deliveries(intake: Intake, options?: FileDeliveriesOptions): Observable<Delivery>;
  /** Only needed where the deliveries are never subscribed. */
  close(): void;
}

/** Resolves when the header is read. The path "-" is standard input. */
export async function openAvroFile(path: string): Promise<AvroFile> {
  // By its descriptor: process.stdin belongs to the main thread alone.
  if (path === '-') return readAvroFile(createReadStream('', { fd: 0 }), 'stdin');
  return readAvroFile(createReadStream(path), path);
}

/** The same for any stream of octets; the path is its name in Origins and errors. */
export async function readAvroFile(stream: Readable, path: string): Promise<AvroFile> {
  const close = (): void => void stream.destroy();
  try {
    const container = await AvroContainer.open(stream as AsyncIterable<Buffer>, path);
    const writerSchema = writtenBy(container);
    const indexBlock = blockIndexer(container, writerSchema);
    let subscribed = false;
    return {
      path,
      writerSchema,
      codec: container.codec,
      close,
      deliveries: (intake, options = {}) =>
        new Observable((subscriber) => {
          assert(!subscribed, `${path} can be read only once`);
          subscribed = true;
          const eventsMax = options.eventsMax ?? Infinity;
          deliver({ container, writerSchema, indexBlock }, intake, subscriber, eventsMax).then(
            () => subscriber.complete(),
            (error: unknown) => subscriber.error(error),
          );
          return close;
        }),
    };
  } catch (error) {
    close();
    throw error;
  }
}

interface Reading {
  readonly container: AvroContainer;
  readonly writerSchema: WriterSchema;
  readonly indexBlock: (block: ContainerBlock) => Int32Array;
}

async function deliver(
  { container, writerSchema, indexBlock }: Reading,
  intake: Intake,
  subscriber: Subscriber<Delivery>,
  eventsMax: number,
): Promise<void> {
  const origin: Origin = { topic: container.path, partition: 0, generation: 0 };
  let offset = 0;
  while (offset < eventsMax) {
    const block = await container.nextBlock();
    if (block === undefined) return;
    const bounds = indexBlock(block);
    for (let first = 0; first < block.count && offset < eventsMax;) {
      const room = intake.room();
      if (room !== undefined) await room;
      if (subscriber.closed) return;
      const count = Math.min(DELIVERY_EVENTS_MAX, block.count - first, eventsMax - offset);
      const within = bounds.subarray(first, first + count + 1);
      const delivery = cut(origin, writerSchema, block.data, within, offset);
      intake.track(delivery);
      subscriber.next(delivery);
      first += count;
      offset += count;
    }
    // Small files come without a wait; the unsubscribed one must not read on through them.
    if (subscriber.closed) return;
  }
}

/** Events that lie between consecutive bounds, as a Delivery that starts at its first octet. */
function cut(
  origin: Origin,
  schema: WriterSchema,
  data: Buffer,
  bounds: Int32Array,
  offset: number,
): Delivery {
  const count = bounds.length - 1;
  const from = bounds[0]!;
  const relative = bounds.map((bound) => bound - from);
  return {
    origin,
    bytes: data.subarray(from, bounds[count]),
    count,
    starts: relative.subarray(0, count),
    ends: relative.subarray(1),
    offsets: Float64Array.from({ length: count }, (_, i) => offset + i),
    nextOffset: offset + count,
    schemas: [schema],
    schemaOf: undefined,
    unreadable: undefined,
    metadata: undefined,
  };
}

function writtenBy(container: AvroContainer): WriterSchema {
  try {
    return { name: container.path, json: JSON.parse(container.schema) as unknown };
  } catch (cause) {
    throw container.error('avro.schema is no JSON', cause);
  }
}

/** Finds where each event of a block begins; the last bound is the end of the block. */
function blockIndexer(
  container: AvroContainer,
  schema: WriterSchema,
): (block: ContainerBlock) => Int32Array {
  const walk = walkOf(container, schema);
  return ({ count, data }) => {
    // No event is shorter than an octet, so a broken count cannot ask for gigabytes.
    if (count > data.length) {
      throw container.error(`${count} events are said to be in ${data.length} octets`);
    }
    const bounds = new Int32Array(count + 1);
    let position = 0;
    for (let event = 1; event <= count; event++) {
      try {
        position = walk.measure(data, position, data.length);
      } catch (cause) {
        const { message } = cause as Error;
        throw container.error(`event ${event} does not fit the writer schema: ${message}`, cause);
      }
      bounds[event] = position;
    }
    if (position !== data.length) {
      throw container.error(`${data.length - position} octets are left after its last event`);
    }
    return bounds;
  };
}

function walkOf(container: AvroContainer, { json }: WriterSchema): EventReader {
  try {
    return eventReader(parseSchema(json), []);
  } catch (cause) {
    throw container.error('avro.schema is no Avro schema', cause);
  }
}
