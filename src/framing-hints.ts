// What octets look like that are not framed as the settings say: a hint in a message, never a decision.

import { type FramingForm } from './framing.ts';

const ifSo = (what: string, framing: string) =>
  `it looks like ${what}; if so, set AVRO_FRAMING=${framing}`;

/** Text of more than this is not looked at. */
const lookedAtMax = 4096;
/** An AWS Glue frame has a header of 18 octets. */
const glueHeadOctets = 18;

/** `it looks like …`, with what to do; undefined where it looks like nothing known. */
export function looksLike(octets: Buffer): string | undefined {
  if (octets.length === 0) return 'it is empty';
  if (
    octets[0] === 0x03 &&
    (octets[1] === 0 || octets[1] === 5) &&
    octets.length >= glueHeadOctets
  ) {
    return 'it looks like an AWS Glue frame, which is not supported; re-encode the topic';
  }
  if (octets[0] === 0xc3 && octets[1] === 1) return ifSo('a single-object frame', 'single-object');
  if (octets.toString('latin1', 0, 4) === 'Obj\x01') return ifSo('a container file', 'ocf');
  const text = octets.toString('latin1', 0, lookedAtMax);
  if (/^\s*(?:\{\s*["}]|\[\s*[[{"\d\]-])/.test(text)) {
    return 'it looks like JSON text, which is not Avro data';
  }
  if (/^[A-Za-z0-9+/_-]{16,}={0,2}\s*$/.test(text)) {
    return ifSo('base64 text', 'confluent+base64 or the like');
  }
  return undefined;
}

/** The forms that begin with 0x00 and an id. */
const idHeads = [
  ['confluent', 'a Confluent frame', 5],
  ['apicurio8', 'an Apicurio frame', 9],
] as const satisfies readonly (readonly [FramingForm, string, number])[];

/**
 * The same for a bare datum that cannot be read. `readsFrom` says whether the rest can be, from an octet
 * on to the end.
 */
export function bareLooksLike(
  octets: Buffer,
  readsFrom: (octet: number) => boolean,
): string | undefined {
  for (const [form, what, head] of idHeads) {
    const id = idIn(octets, head);
    if (id > 0 && readsFrom(head)) return ifSo(`${what} with schema id ${id}`, form);
  }
  const like = octets.length === 0 ? undefined : looksLike(octets);
  if (like !== undefined) return like;
  // Its writer schema may be another one.
  const id = idIn(octets, 5);
  return id > 0 && id <= usualIdMax
    ? `it may be a Confluent frame with schema id ${id}; if so, set AVRO_FRAMING=confluent`
    : undefined;
}

/** The same as the end of a message; empty where it looks like nothing known. */
export function bareHint(octets: Buffer, readsFrom: (octet: number) => boolean): string {
  const like = bareLooksLike(octets, readsFrom);
  return like === undefined ? '' : `. As a whole, ${like}`;
}

/** Registries count up from 1. */
const usualIdMax = 0xff_ffff;

/** The id in the first octets; 0 if they are not such a frame, or the id cannot be one of a registry. */
function idIn(octets: Buffer, head: 5 | 9): number {
  if (octets[0] !== 0 || octets.length < head) return 0;
  if (head === 5) return octets.readInt32BE(1);
  const id = octets.readBigInt64BE(1);
  return id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : 0;
}
