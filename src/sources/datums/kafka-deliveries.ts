// kafkajs's batches as Deliveries: an index over the octets the datums lie in.

import type { KafkaMessage } from 'kafkajs';
import type { DatumTaker } from './datum-taker.ts';
import type {
  Delivery,
  MessageHeader,
  MessageMetadata,
  Origin,
  Unreadable,
  WriterSchema,
} from '../delivery.ts';
import type { Unframer } from './unframe.ts';

export interface Batch {
  readonly messages: readonly KafkaMessage[];
  readonly origin: Origin;
  /** The offset to read after the whole batch. */
  readonly nextOffset: number;
  /** Datums of one Delivery; more only where one message holds more. */
  readonly datumsMax: number;
}

/**
 * Cuts a batch into Deliveries of whole messages. Messages of one RecordBatch share their octets; a
 * Delivery never spans two buffers. Where a schema is needed first its id is yielded, after what comes
 * before that message; whoever goes on then has it.
 */
export function* deliveriesOf(
  { messages, origin, nextOffset, datumsMax }: Batch,
  unframer: Unframer,
): Generator<Delivery | number> {
  for (let first = 0; first < messages.length;) {
    const draft = new Draft(messages, unframer);
    let after = first;
    let needed: number | undefined;
    while (after < messages.length && draft.count < datumsMax && draft.hasRoomFor(after)) {
      needed = draft.add(after);
      if (needed !== undefined) break;
      after += 1;
    }
    const next = after === messages.length ? nextOffset : Number(messages[after]!.offset);
    if (draft.count > 0) yield draft.delivery(origin, next);
    if (needed !== undefined) yield needed;
    first = after;
  }
}

/** A Delivery in the making. */
class Draft implements DatumTaker {
  readonly #messages: readonly KafkaMessage[];
  readonly #unframer: Unframer;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** For each datum the message it is of. */
  readonly #messageOf: number[] = [];
  readonly #schemas: WriterSchema[] = [];
  readonly #schemaOf: number[] = [];
  #unreadable: Map<number, Unreadable> | undefined;
  /** What the datums lie in: the octets that messages share, or fresh ones put together. */
  #shared: ArrayBufferLike | undefined;
  readonly #fresh: Buffer[] = [];
  #freshOctets = 0;
  #lastFresh: Buffer | undefined;
  #message = 0;

  constructor(messages: readonly KafkaMessage[], unframer: Unframer) {
    this.#messages = messages;
    this.#unframer = unframer;
  }

  get count(): number {
    return this.#starts.length;
  }

  hasRoomFor(message: number): boolean {
    const value = this.#messages[message]!.value;
    if (value === null || !this.#unframer.inPlace) return true;
    return this.#shared === undefined || this.#shared === value.buffer;
  }

  /** Adds all datums of a message, or none and returns the id of the schema that is needed first. */
  add(message: number): number | undefined {
    const { value, headers } = this.#messages[message]!;
    const before = this.count;
    this.#message = message;
    if (value !== null) {
      const needed = this.#unframer.unframe(value, headers, this);
      if (needed !== undefined) return needed;
    }
    // A tombstone, or a message with nothing in it: it counts as one.
    if (this.count === before) this.#entry(-1, -1, 0);
    return undefined;
  }

  datum(bytes: Buffer, start: number, end: number, schema: WriterSchema): void {
    const base = this.#unframer.inPlace ? this.#sharedBase(bytes) : this.#freshBase(bytes);
    let index = this.#schemas.indexOf(schema);
    if (index < 0) index = this.#schemas.push(schema) - 1;
    this.#entry(base + start, base + end, index);
  }

  unreadable(problem: string, cause?: unknown, unread?: boolean): void {
    this.#unreadable ??= new Map();
    this.#unreadable.set(this.count, { problem, cause, unread });
    this.#entry(-1, -1, 0);
  }

  #entry(start: number, end: number, schema: number): void {
    this.#starts.push(start);
    this.#ends.push(end);
    this.#schemaOf.push(schema);
    this.#messageOf.push(this.#message);
  }

  #sharedBase(bytes: Buffer): number {
    this.#shared ??= bytes.buffer;
    return bytes.byteOffset;
  }

  #freshBase(bytes: Buffer): number {
    if (this.#lastFresh !== bytes) {
      this.#fresh.push(bytes);
      this.#freshOctets += bytes.length;
      this.#lastFresh = bytes;
    }
    return this.#freshOctets - bytes.length;
  }

  delivery(origin: Origin, nextOffset: number): Delivery {
    const messages = this.#messages;
    const messageOf = this.#messageOf;
    const shared = this.#shared as ArrayBuffer | undefined;
    return {
      origin,
      bytes: shared ? Buffer.from(shared) : Buffer.concat(this.#fresh),
      count: this.count,
      starts: Int32Array.from(this.#starts),
      ends: Int32Array.from(this.#ends),
      offsets: Float64Array.from(messageOf, (message) => Number(messages[message]!.offset)),
      nextOffset,
      schemas: this.#schemas,
      schemaOf: this.#schemas.length > 1 ? Uint16Array.from(this.#schemaOf) : undefined,
      unreadable: this.#unreadable,
      metadata: metadataOf(messages, messageOf),
    };
  }
}

function metadataOf(
  messages: readonly KafkaMessage[],
  messageOf: readonly number[],
): MessageMetadata {
  const message = (i: number) => messages[messageOf[i]!]!;
  return {
    timestampMs: (i) => {
      const timestamp = Number(message(i).timestamp);
      // Kafka's -1 stands for none.
      return timestamp >= 0 ? timestamp : undefined;
    },
    key: (i) => message(i).key,
    value: (i) => message(i).value,
    header: (i, name) => headersOf(message(i)).findLast(({ key }) => key === name)?.value ?? null,
    headers: (i) => headersOf(message(i)),
  };
}

/** kafkajs puts headers of one name together, at the place of the first; more of their order is lost. */
function headersOf({ headers = {} }: KafkaMessage): MessageHeader[] {
  return Object.entries(headers).flatMap(([key, values]) =>
    (Array.isArray(values) ? values : [values]).map((value) => ({
      key,
      value: typeof value === 'string' ? Buffer.from(value) : (value ?? null),
    })),
  );
}
