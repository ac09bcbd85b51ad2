// avsc with longs as bigint, so that a test can write every one of them.

import avro from 'avsc';

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

export const exactType = (schema: unknown): avro.Type =>
  avro.Type.forSchema(schema as avro.Schema, {
    typeHook: (type: unknown) =>
      type === 'long' || (type as { type?: unknown }).type === 'long' ? exactLong : undefined,
  });
