// An Avro container file, or one on standard input, as an Observable of Deliveries. Offsets are the
// events' ordinals in the file; nothing is committed to a file, so reading begins at its start.

import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { Observable, type Subscriber } from 'rxjs';
import { eventReader, type EventReader } from '../../avro/event-reader.ts';
import { parseSchema } from '../../avro/schema.ts';
import { AvroContainer, type ContainerBlock, type ContainerHeader } from './avro-container.ts';
import type { ContainerCodec } from './container-codecs.ts';
import type { Delivery, Intake, Origin, WriterSchema } from '../delivery.ts';
import { AvroContainerError } from './octet-reader.ts';
import { openInput } from './open-input.ts';

const DELIVERY_EVENTS_MAX = 1000;

export interface FileDeliveriesOptions {
  /** Completes after this many events; all of them unless given. */
  readonly eventsMax?: number;
  /**
   * Called for each damaged place; reading then goes on behind it. Where it is not given, the
   * Deliveries end at the first one with this error.
   */
  readonly passOver?: (damage: AvroContainerError) => void;
}

export interface AvroFile {
  readonly path: string;
  /** As the first header has it, unknown attributes included. */
  readonly writerSchema: WriterSchema;
  readonly codec: ContainerCodec;
  /** To be subscribed once; unsubscribing closes the file. */
  deliveries(intake: Intake, options?: FileDeliveriesOptions): Observable<Delivery>;
  /** Only needed where the deliveries are never subscribed. */
  close(): void;
}

/** Resolves when the header is read. The path "-" is standard input. */
// Not process.stdin: that belongs to the main thread.
export async function openAvroFile(path: string): Promise<AvroFile> {
  const name = path === '-' ? 'stdin' : path;
  return readAvroFile(opened(path, name), name);
}

function opened(path: string, name: string): Readable {
  try {
    return openInput(path).stream;
  } catch (cause) {
    const { message } = cause as Error;
    const at = { path: name, block: 0, octet: 0 };
    throw new AvroContainerError(at, `it cannot be read: ${message}`, cause);
  }
}

/** The same for any stream of octets; the path is its name in Origins and errors. */
export async function readAvroFile(stream: Readable, path: string): Promise<AvroFile> {
  const close = (): void => void stream.destroy();
  try {
    const container = await AvroContainer.open(stream as AsyncIterable<Buffer>, path);
    const schemas = new FileSchemas(container);
    const { writerSchema } = schemas.of(container.header);
    const { codec } = container.header;
    let subscribed = false;
    return {
      path,
      writerSchema,
      codec,
      close,
      deliveries: (intake, options = {}) =>
        new Observable((subscriber) => {
          assert(!subscribed, `${path} can be read only once`);
          subscribed = true;
          deliver({ container, schemas }, intake, subscriber, options).then(
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
  readonly schemas: FileSchemas;
}

interface IndexedBlock extends ContainerBlock {
  readonly writerSchema: WriterSchema;
  /** Where each event begins; the last bound is the end of the block. */
  readonly bounds: Int32Array;
}

async function deliver(
  reading: Reading,
  intake: Intake,
  subscriber: Subscriber<Delivery>,
  { eventsMax = Infinity, passOver }: FileDeliveriesOptions,
): Promise<void> {
  const origin: Origin = { topic: reading.container.path, partition: 0, generation: 0 };
  let offset = 0;
  while (offset < eventsMax) {
    const block = await nextWholeBlock(reading, passOver);
    if (block === undefined) return;
    const { bounds, writerSchema, data, count: events } = block;
    for (let first = 0; first < events && offset < eventsMax;) {
      const room = intake.room();
      if (room !== undefined) await room;
      if (subscriber.closed) return;
      const count = Math.min(DELIVERY_EVENTS_MAX, events - first, eventsMax - offset);
      const within = bounds.subarray(first, first + count + 1);
      const delivery = cut(origin, writerSchema, data, within, offset);
      intake.track(delivery);
      subscriber.next(delivery);
      first += count;
      offset += count;
    }
    // Small files come without a wait; the unsubscribed one must not read on through them.
    if (subscriber.closed) return;
  }
}

/** A block is whole or not at all: where one event of it is damaged, the others may be as well. */
async function nextWholeBlock(
  { container, schemas }: Reading,
  passOver: FileDeliveriesOptions['passOver'],
): Promise<IndexedBlock | undefined> {
  for (;;) {
    try {
      const block = await container.nextBlock();
      if (block === undefined) return undefined;
      const { writerSchema, walk } = schemas.of(block.header);
      return { ...block, writerSchema, bounds: indexed(container, walk, block) };
    } catch (error) {
      if (!(error instanceof AvroContainerError) || !passOver) throw error;
      passOver(error);
      if (!(await container.resume())) return undefined;
    }
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

/** Where each event of a block begins; the last bound is the end of the block. */
function indexed(
  container: AvroContainer,
  walk: EventReader,
  { count, data }: ContainerBlock,
): Int32Array {
  // No event is shorter than an octet, so a broken count cannot ask for gigabytes.
  if (count > data.length) {
    throw container.error(`${count} events in a block of ${data.length} octets`);
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
}

interface FileSchema {
  readonly writerSchema: WriterSchema;
  readonly walk: EventReader;
}

/** One object for each text, however many containers in the file have it. */
class FileSchemas {
  readonly #container: AvroContainer;
  readonly #byText = new Map<string, FileSchema>();

  constructor(container: AvroContainer) {
    this.#container = container;
  }

  of({ schema: text }: ContainerHeader): FileSchema {
    const known = this.#byText.get(text);
    if (known) return known;
    const made = this.#made(text);
    this.#byText.set(text, made);
    return made;
  }

  #made(text: string): FileSchema {
    const container = this.#container;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw container.error('avro.schema is not JSON', cause);
    }
    try {
      const walk = eventReader(parseSchema(json), []);
      return { writerSchema: { name: container.path, json }, walk };
    } catch (cause) {
      const { message } = cause as Error;
      throw container.error(`avro.schema is not an Avro schema: ${message}`, cause);
    }
  }
}
