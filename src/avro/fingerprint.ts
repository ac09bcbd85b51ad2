// The fingerprint by which a single-object frame names its schema (Avro specification, "Schema
// Fingerprints"): CRC-64-AVRO over the Parsing Canonical Form.

import { type AvroType, parseSchema } from './schema.ts';

/** The 8 octets as they stand in the frame, low ones first, as 16 hexadecimal digits. */
export function fingerprint64(json: unknown): string {
  return crc64(Buffer.from(canonicalForm(json), 'utf8'));
}

/** The schema without what does not touch the reading of data. Throws AvroSchemaError. */
function canonicalForm(json: unknown): string {
  return formOf(parseSchema(json), new Set());
}

// Avro specification, "Transforming into Parsing Canonical Form": full names, no attributes but name,
// type, fields, symbols, items, values, size, in that order, without white space.
function formOf(type: AvroType, defined: Set<string>): string {
  const quoted = JSON.stringify;
  switch (type.kind) {
    case 'array':
      return `{"type":"array","items":${formOf(type.items, defined)}}`;
    case 'map':
      return `{"type":"map","values":${formOf(type.values, defined)}}`;
    case 'union':
      return `[${type.members.map((member) => formOf(member, defined)).join(',')}]`;
    case 'record':
    case 'enum':
    case 'fixed':
      break;
    default:
      return quoted(type.kind);
  }
  const { name } = type;
  if (defined.has(name)) return quoted(name);
  defined.add(name);
  const head = `{"name":${quoted(name)},"type":"${type.kind}"`;
  if (type.kind === 'enum') return `${head},"symbols":${quoted(type.symbols)}}`;
  if (type.kind === 'fixed') return `${head},"size":${type.size}}`;
  const fields = type.fields.map(
    (field) => `{"name":${quoted(field.name)},"type":${formOf(field.type, defined)}}`,
  );
  return `${head},"fields":[${fields.join(',')}]}`;
}

// Avro specification, "64-bit Rabin fingerprint": the empty string's, also the polynomial.
const empty = 0xc15d213aa4d7a795n;

const table = Array.from({ length: 256 }, (_, octet) => {
  let word = BigInt(octet);
  for (let bit = 0; bit < 8; bit += 1) word = (word >> 1n) ^ ((word & 1n) * empty);
  return word;
});

function crc64(octets: Buffer): string {
  let word = empty;
  for (const octet of octets) word = (word >> 8n) ^ table[Number((word ^ BigInt(octet)) & 0xffn)]!;
  const frame = Buffer.alloc(8);
  frame.writeBigUInt64LE(word);
  return frame.toString('hex');
}
