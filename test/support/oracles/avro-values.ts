// Datums as text, each value tagged by its type, in the form of test/vectors/AvroResolution.java. It
// reads octets on its own, so that a mistake of src/avro/ is not repeated here.

import { AvroDataError } from '../../../src/avro/avro-cursor.ts';
import { AvroEvolutionError, transcoder } from '../../../src/avro/evolution.ts';
import { AvroSchemaError, type AvroType, parseSchema } from '../../../src/avro/schema.ts';

/** What the reader schema makes of the datum, or "refuses" and why. */
export function resolvedText(writer: string, reader: string, datum: Buffer): string {
  try {
    const [from, to] = [JSON.parse(writer) as unknown, JSON.parse(reader) as unknown];
    const octets = transcoder(from, to)(datum, 0, datum.length);
    return datumText(parseSchema(to), octets);
  } catch (error) {
    const isRefusal =
      error instanceof AvroDataError ||
      error instanceof AvroEvolutionError ||
      error instanceof AvroSchemaError;
    if (isRefusal) return `refuses ${error.message}`;
    throw error;
  }
}

export function datumText(type: AvroType, octets: Buffer): string {
  const reading = new Reading(octets);
  const text = reading.value(type);
  if (reading.at !== octets.length)
    throw new Error(`${octets.length - reading.at} octets are left`);
  return text;
}

class Reading {
  at = 0;
  readonly #octets: Buffer;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  value(type: AvroType): string {
    switch (type.kind) {
      case 'null':
        return 'null';
      case 'boolean':
        return String(this.#take(1)[0] === 1);
      case 'int':
        return `"i${this.#long()}"`;
      case 'long':
        return `"l${this.#long()}"`;
      case 'float':
        return `"f${this.#take(4).reverse().toString('hex')}"`;
      case 'double':
        return `"d${this.#take(8).reverse().toString('hex')}"`;
      case 'string':
        return `"s${this.#sized()}"`;
      case 'bytes':
        return `"b${this.#sized()}"`;
      case 'fixed':
        return `"x${this.#take(type.size).toString('hex')}"`;
      case 'enum':
        return `"e${type.symbols[Number(this.#long())] ?? '?'}"`;
      case 'union':
        return this.value(type.members[Number(this.#long())]!);
      case 'array':
        return `[${this.#items(() => this.value(type.items)).join(',')}]`;
      case 'map': {
        // Of one key twice the last value stays, as in a map.
        const entries = new Map(
          this.#items(() => [this.#sized(), this.value(type.values)] as const),
        );
        const sorted = [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
        return `{${sorted.map(([key, value]) => `"${key}":${value}`).join(',')}}`;
      }
      case 'record':
        return `[${[`"${type.name}"`, ...type.fields.map((field) => this.value(field.type))].join(',')}]`;
    }
  }

  #items<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let count = this.#long(); count !== 0n; count = this.#long()) {
      if (count < 0n) {
        count = -count;
        this.#long();
      }
      for (let left = count; left > 0n; left -= 1n) items.push(item());
    }
    return items;
  }

  #sized(): string {
    return this.#take(Number(this.#long())).toString('hex');
  }

  #take(count: number): Buffer {
    if (this.at + count > this.#octets.length) throw new Error('the octets end within a value');
    this.at += count;
    return Buffer.from(this.#octets.subarray(this.at - count, this.at));
  }

  #long(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const octet = this.#take(1)[0]!;
      value |= BigInt(octet & 0x7f) << shift;
      if (octet < 0x80) return (value >> 1n) ^ -(value & 1n);
    }
  }
}
