// The vectors that fastavro made: schemas, datums, and what is in them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A value as the vectors write it: what JSON cannot say exactly is tagged. */
export type Tagged =
  | null
  | boolean
  | string
  | { readonly integer: string }
  | { readonly double: string }
  | { readonly octets: string }
  | { readonly list: readonly Tagged[] };

export interface Vector {
  readonly schema: unknown;
  /** CRC-64-AVRO in the order of a single-object frame. */
  readonly fingerprint: string;
  readonly datums: readonly {
    readonly octets: string;
    readonly leaves: Readonly<Record<string, Tagged>>;
    /** What tshark shows of the mapped fields, by its names. */
    readonly shown: Readonly<Record<string, string>>;
  }[];
}

const file = join(import.meta.dirname, '..', '..', 'vectors', 'fastavro.json.gz');

export const fastavroVectors = (): readonly Vector[] =>
  (JSON.parse(gunzipSync(readFileSync(file)).toString()) as { schemas: Vector[] }).schemas;
