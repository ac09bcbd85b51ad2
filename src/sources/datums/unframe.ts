// From a Kafka message's value to its datums, by the topic's framing. Nothing is guessed: a value that
// is not framed as it should be is unreadable, and the reason says what it looks like instead.

import { eventReader, type EventReader } from '../../avro/event-reader.ts';
import { parseSchema } from '../../avro/schema.ts';
import type { Framing, FramingForm } from '../../framing.ts';
import { bareHint, looksLike } from '../../framing-hints.ts';
import { readContainer } from './container-message.ts';
import type { DatumTaker } from './datum-taker.ts';
import type { WriterSchema } from '../delivery.ts';
import { isUnknown, type SchemaStore } from '../schemas/schema-store.ts';

export interface UnframeOptions {
  readonly topic: string;
  readonly framing: Framing;
  readonly schemas: SchemaStore;
  readonly messageOctetsMax: number;
}

/** Octets before the datum, for the forms whose one datum goes on to the value's end. */
const plainHeads: Partial<Record<FramingForm, number>> = { bare: 0, confluent: 5 };

export class Unframer {
  /** Octets before a plain value's datum. */
  readonly plainHead: number;
  readonly #options: UnframeOptions;
  readonly #walks = new WeakMap<WriterSchema, EventReader>();
  readonly #plainOctetsMax: number;
  #lastId = -1;
  #lastSchema: WriterSchema | undefined;

  constructor(options: UnframeOptions) {
    const { framing, messageOctetsMax } = options;
    this.#options = options;
    const head = framing.base64 ? undefined : plainHeads[framing.form];
    this.plainHead = head ?? 0;
    this.#plainOctetsMax = head === undefined ? -1 : messageOctetsMax;
  }

  /**
   * The schema of a value that is plain: one datum, from `plainHead` on. Undefined where it is not, or
   * something is wrong or missing: `unframe` says what. Makes no object.
   */
  plainSchema(octets: Buffer, start: number, end: number): WriterSchema | undefined {
    if (end - start > this.#plainOctetsMax) return undefined;
    if (this.plainHead === 0) return (this.#lastSchema ??= this.#bare());
    if (end - start < this.plainHead || octets[start] !== 0) return undefined;
    const id = idAt(octets, start + 1);
    if (id === this.#lastId) return this.#lastSchema;
    const answer = id < 0 ? undefined : this.#options.schemas.known(id);
    if (!answer || isUnknown(answer)) return undefined;
    this.#lastId = id;
    this.#lastSchema = answer;
    return answer;
  }

  /** Whether `plainSchema` would give what it gave last. */
  isAlike(octets: Buffer, start: number, end: number): boolean {
    const length = end - start;
    if (length > this.#plainOctetsMax || length < this.plainHead) return false;
    return (
      this.plainHead === 0 || (octets[start] === 0 && idAt(octets, start + 1) === this.#lastId)
    );
  }

  /** The datums lie in the value's own octets, not in others that are made of them. */
  get inPlace(): boolean {
    const { form, base64 } = this.#options.framing;
    return !base64 && form !== 'ocf';
  }

  /** Gives a value's datums to `taker`. Returns the id of a schema that is needed first. */
  unframe(value: Buffer, headers: object | undefined, taker: DatumTaker): number | undefined {
    const { framing, messageOctetsMax } = this.#options;
    if (value.length > messageOctetsMax) {
      const fix = `AVRO_MESSAGE_BYTES allows ${messageOctetsMax}; raise it`;
      taker.unreadable(`the message has ${value.length} bytes, ${fix}`, undefined, true);
      return undefined;
    }
    const octets = framing.base64 ? fromBase64(value) : value;
    if (octets) return this.#framed(octets, headers, taker);
    taker.unreadable(`the value is not base64 text${otherwise(value)}`);
    return undefined;
  }

  #framed(octets: Buffer, headers: object | undefined, taker: DatumTaker): number | undefined {
    switch (this.#options.framing.form) {
      // Confluent wire format => 0x00 id (int32) datum
      case 'confluent':
        return this.#byId(octets, 5, headers, taker);
      // Apicurio 2 => 0x00 id (int64) datum
      case 'apicurio8':
        return this.#byId(octets, 9, headers, taker);
      case 'single-object':
        this.#byFingerprint(octets, taker);
        return undefined;
      case 'bare':
        taker.datum(octets, 0, octets.length, this.#bare());
        return undefined;
      case 'bare-many':
        this.#many(octets, this.#bare(), taker);
        return undefined;
      case 'ocf':
        readContainer(octets, this.#options, taker, (schema) => this.#walk(schema));
        return undefined;
    }
  }

  #byId(
    octets: Buffer,
    headOctets: 5 | 9,
    headers: object | undefined,
    taker: DatumTaker,
  ): number | undefined {
    const { form } = this.#options.framing;
    if (octets[0] !== 0 || octets.length < headOctets) {
      taker.unreadable(
        `the value is not a ${form} frame${idInHeaders(headers) ?? otherwise(octets)}`,
      );
      return undefined;
    }
    const id = headOctets === 5 ? octets.readInt32BE(1) : Number(octets.readBigInt64BE(1));
    if (id < 0 || !Number.isSafeInteger(id)) {
      taker.unreadable(`${id} is not a schema id; AVRO_FRAMING=${form} may be wrong`);
      return undefined;
    }
    const answer = this.#options.schemas.known(id);
    if (!answer) return id;
    if (isUnknown(answer)) taker.unreadable(answer.problem);
    else taker.datum(octets, headOctets, octets.length, answer);
    return undefined;
  }

  // Avro specification, "Single-object encoding" => 0xC3 0x01 fingerprint (8 octets) datum
  #byFingerprint(octets: Buffer, taker: DatumTaker): void {
    if (octets[0] !== 0xc3 || octets[1] !== 1 || octets.length < 10) {
      taker.unreadable(`the value is not a single-object frame${otherwise(octets)}`);
      return;
    }
    const fingerprint = octets.toString('hex', 2, 10);
    const schema = this.#options.schemas.byFingerprint(fingerprint);
    if (schema) taker.datum(octets, 10, octets.length, schema);
    else {
      const fix = 'add its file to AVRO_SCHEMA_FILE';
      taker.unreadable(`no schema has the fingerprint ${fingerprint}; ${fix}`);
    }
  }

  #many(octets: Buffer, schema: WriterSchema, taker: DatumTaker): void {
    const walk = this.#walk(schema);
    for (let start = 0, number = 0; start < octets.length; number += 1) {
      let end: number;
      try {
        end = walk.measure(octets, start, octets.length);
      } catch (cause) {
        const { message } = cause as Error;
        const like = number === 0 ? bareHint(octets, (from) => isReadable(walk, octets, from)) : '';
        taker.unreadable(
          `datum ${number} at octet ${start}: ${message}; the datums after it are not read${like}`,
          cause,
        );
        return;
      }
      // Nothing would come of it, for ever.
      if (end === start) {
        taker.unreadable('datums of zero octets cannot be separated');
        return;
      }
      taker.datum(octets, start, end, schema);
      start = end;
    }
  }

  #bare(): WriterSchema {
    const { schemas, topic } = this.#options;
    const schema = schemas.bare(topic);
    if (!schema) throw new Error(`no schema was prepared for the bare datums of ${topic}`);
    return schema;
  }

  #walk(schema: WriterSchema): EventReader {
    let walk = this.#walks.get(schema);
    if (!walk) this.#walks.set(schema, (walk = eventReader(parseSchema(schema.json), [])));
    return walk;
  }
}

/** As readInt32BE, which asks for more than it takes to read. */
const idAt = (octets: Buffer, at: number): number =>
  (octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!;

const base64Text = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}\s*$/;

function fromBase64(value: Buffer): Buffer | undefined {
  const text = value.toString('latin1');
  return base64Text.test(text) ? Buffer.from(text.trimEnd(), 'base64') : undefined;
}

/** Headers in which serializers leave the id, instead of before the datum. */
const idHeaders = [
  '__value_schema_id',
  'apicurio.value.globalId',
  'apicurio.value.contentId',
  'apicurio.value.contentHash',
];

function idInHeaders(headers: object | undefined): string | undefined {
  const found = idHeaders.find((name) => headers !== undefined && name in headers);
  if (found === undefined) return undefined;
  return `: its schema id is in the header ${found}, which is not supported; let the producer write it before the datum`;
}

function isReadable(walk: EventReader, octets: Buffer, from: number): boolean {
  try {
    walk.measure(octets, from, octets.length);
    return true;
  } catch {
    return false;
  }
}

/** Behind the sentence that says what the value is not. */
function otherwise(octets: Buffer): string {
  const frame = 'it looks like a frame; if so, set AVRO_FRAMING=confluent or apicurio8';
  const unknown =
    octets[0] === 0
      ? frame
      : `it begins with 0x${octets.toString('hex', 0, 1)}; AVRO_FRAMING may be wrong`;
  return `: ${looksLike(octets) ?? unknown}`;
}
