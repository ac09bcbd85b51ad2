// What the "doc" of an Avro field, and the foreign attributes of its type, say of its values.

import type { AvroLeaf } from '../../../avro/leaves.ts';
import { elementChoice } from '../element-choice.ts';
import type { ByteOrder, NumberBase, TimeUnit } from '../mapping-spec.ts';

export interface DocFacts {
  readonly unit: TimeUnit | undefined;
  /** Which way the counted traffic goes. */
  readonly direction: 'forward' | 'reverse' | 'both' | undefined;
  /** A count since the previous record, or since the start of the flow. */
  readonly counts: 'delta' | 'total' | undefined;
  readonly byteOrder: ByteOrder | undefined;
  readonly base: NumberBase | undefined;
  /** The one Information Element that is named. */
  readonly element: string | undefined;
  /** The value that stands for unknown. */
  readonly absent: number | undefined;
  /** Only what is above the transport layer is counted. */
  readonly isPayload: boolean;
  readonly isOfApplication: boolean;
  readonly text: string;
}

const unitTexts: readonly (readonly [TimeUnit, RegExp])[] = [
  ['ms', /\b(?:milli-?seconds?|millis|msecs?|ms)\b/i],
  ['us', /\b(?:micro-?seconds?|micros|usecs?|us)\b|µs/i],
  ['ns', /\b(?:nano-?seconds?|nanos|nsecs?|ns)\b/i],
  ['s', /\b(?:seconds?|secs?)\b/i],
];

// Debezium writes the type of a column's times beside a plain long.
const connectUnits: readonly (readonly [TimeUnit, RegExp])[] = [
  ['ms', /"io\.debezium\.time\.Timestamp"/],
  ['us', /"io\.debezium\.time\.MicroTimestamp"/],
  ['ns', /"io\.debezium\.time\.NanoTimestamp"/],
];

const ends = {
  source: '(?:source|client|originator)',
  destination: '(?:destination|server|responder)',
};
const towards = (from: string, to: string): RegExp =>
  new RegExp(
    `\\bfrom (?:the )?${from}\\b|\\bto (?:the )?${to}\\b|\\b${from} sent\\b|\\b${from}-to-${to}\\b`,
    'i',
  );
const toSource = towards(ends.destination, ends.source);
const toDestination = towards(ends.source, ends.destination);
const bothWays =
  /\bboth directions\b|\bin and out\b|\btransmit and receive\b|\bsent and received\b|\bbidirectional\b/i;

/** The one whose expression is found; undefined where none or several are. */
function only<T>(text: string, known: readonly (readonly [T, RegExp])[]): T | undefined {
  const found = known.filter(([, expression]) => expression.test(text));
  return found.length === 1 ? found[0]![0] : undefined;
}

export function docFacts({ json }: Pick<AvroLeaf, 'json'>): DocFacts {
  const text = typeof json?.['doc'] === 'string' ? json['doc'] : '';
  return {
    text,
    unit: only(JSON.stringify(json?.['type'] ?? ''), connectUnits) ?? only(text, unitTexts),
    direction: bothWays.test(text)
      ? 'both'
      : only(text, [
          ['forward', toDestination],
          ['reverse', toSource],
        ] as const),
    counts: only(text, [
      ['delta', /\bsince the (?:previous|last)\b|\bdelta\b/i],
      ['total', /\bsince the (?:start|beginning)\b|\bcumulative\b|\brunning total\b/i],
    ] as const),
    byteOrder: only(text, [
      ['big', /\bnetwork (?:byte )?order\b|\bbig[- ]?endian\b/i],
      ['little', /\blittle[- ]?endian\b/i],
    ] as const),
    base: only(text, [
      [16, /\bhex(?:adecimal)?\b/i],
      [10, /\bdecimal\b/i],
    ] as const),
    element: elementIn(text),
    absent: /(?<![\w.])-1\b[^.;]*\b(?:if|for|when|unknown|undefined|none)\b/i.test(text)
      ? -1
      : undefined,
    isPayload: /\bpayload\b/i.test(text),
    isOfApplication: /\bapplication\b|\bhttps?\b/i.test(text),
  };
}

/** A name alone, or after what it is a name of: another one may be said of something else. */
const namedElement = /^\s*(\w+)\.?\s*$|\b(?:IPFIX|IANA|Information Elements?|IE)\b[\s:('"`]*(\w+)/;

function elementIn(text: string): string | undefined {
  const [, alone, after] = namedElement.exec(text) ?? [];
  const name = alone ?? after;
  return name !== undefined && elementChoice(name) !== undefined ? name : undefined;
}
