// Schema resolution (Avro specification, "Schema Resolution"): datums of the writer's schema as datums
// of the reader's. avsc resolves; the octets are walked before, so that it meets none that are hostile.

import avro from 'avsc';
import { AvroDataError } from './avro-cursor.ts';
import { eventReader } from './event-reader.ts';
import { parseSchema } from './schema.ts';

/** The two schemas do not resolve: the reader's asks for what the writer's cannot give. */
export class AvroEvolutionError extends Error {
  readonly code = 'AVRO_EVOLUTION';
  override readonly name = 'AvroEvolutionError';
}

// avsc's own longs are doubles, and wrong beyond 2^53.
const exactLong = avro.types.LongType.__with({
  fromBuffer: (octets: Buffer) => octets.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const octets = Buffer.alloc(8);
    octets.writeBigInt64LE(value);
    return octets;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0),
});

const typeOf = (json: unknown) =>
  avro.Type.forSchema(json as avro.Schema, {
    wrapUnions: true,
    // By a hook and not by the registry: avsc makes a long with a logical type anew.
    typeHook: (schema) => (isLong(schema) ? exactLong : undefined),
  });

const isLong = (schema: unknown): boolean =>
  schema === 'long' || (schema as { type?: unknown } | null)?.type === 'long';

/** Throws AvroEvolutionError; what it returns throws AvroDataError. */
export function transcoder(
  writerJson: unknown,
  readerJson: unknown,
): (bytes: Buffer, start: number, end: number) => Buffer {
  const walk = eventReader(parseSchema(writerJson), []);
  const { reader, resolver } = resolved(writerJson, readerJson);
  return (bytes, start, end) => {
    walk.begin(bytes, start, end);
    try {
      const value: unknown = reader.fromBuffer(bytes.subarray(start, end), resolver);
      return reader.toBuffer(value);
    } catch (error) {
      throw new AvroDataError(
        '',
        `cannot be read by the reader schema: ${(error as Error).message}`,
      );
    }
  };
}

function resolved(writerJson: unknown, readerJson: unknown) {
  try {
    const reader = typeOf(readerJson);
    return { reader, resolver: reader.createResolver(typeOf(writerJson)) };
  } catch (cause) {
    const { message } = cause as Error;
    throw new AvroEvolutionError(
      `the reader schema cannot read what it wrote: ${message}; mend AVRO_READER_SCHEMA_FILE`,
      { cause },
    );
  }
}
