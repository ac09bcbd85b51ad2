// Messages damaged on purpose, out of the RFCs' examples, published ones, random ones and the longest
// there can be: what the Decoder makes of each, and how much work that was.

import fc from 'fast-check';
import {
  DecodeError,
  type DecodedMessage,
  Decoder,
  type Value,
} from '../../../src/ipfix/decoder.ts';
import { Random } from '../../../src/generator/random.ts';
import { publishedSessions } from '../../vectors/published-messages.ts';
import * as biflow from '../../vectors/rfc5103-appendix-a.ts';
import * as types from '../../vectors/rfc5610-appendix-a.ts';
import * as lists from '../../vectors/rfc6313-section-9.ts';
import { appendixMessage, message } from '../../vectors/rfc7011-appendix-a.ts';
import { anyRecord, anyTemplate, namedBy } from './any-template.ts';
import { extremeMessages } from './extreme-messages.ts';
import { naiveMessage, naiveSet, templateRecord } from '../oracles/naive-ipfix.ts';

export interface MutationCounts {
  messages: number;
  decoded: number;
  /** Refused with a DecodeError that says where. */
  refused: number;
  records: number;
  /** Lists that were read, and lists that were kept as octets for what was wrong with them. */
  lists: number;
  unreadLists: number;
  unknownSets: number;
  /** The most values that one Message had for each of its octets, those in lists counted too. */
  valuesPerOctet: number;
  /** Fields of all Templates kept at the end. */
  fieldsKept: number;
}

export interface MutationOptions {
  readonly seed: number;
  readonly count: number;
  /** Told of each Message, and how to decode it again. */
  readonly onMessage?: (octets: Buffer, decode: () => void) => void;
}

const sessions = ['a', 'b', 'c', 'd'];
const domains = [0, 1, 2, 3];
export const fieldsMax = 20_000;
/** A value of its own in each list around it: one at each depth, and one outside. */
export const valuesPerOctetMax = 17;

/** Decodes so many damaged Messages; throws whatever is thrown that is no DecodeError. */
export function decodeMutated({ seed, count, onMessage }: MutationOptions): MutationCounts {
  const random = new Random(seed);
  const corpus = corpusOf(seed);
  const decoders = (['ignore', 'obey'] as const).map(
    (withdrawals) => new Decoder({ fieldsMax, withdrawals }),
  );
  const counts: MutationCounts = {
    ...{ messages: 0, decoded: 0, refused: 0, records: 0, lists: 0, unreadLists: 0 },
    ...{ unknownSets: 0, valuesPerOctet: 0, fieldsKept: 0 },
  };
  while (counts.messages < count) {
    const session = random.pick(sessions);
    const decoder = random.pick(decoders);
    for (const octets of mutated(random, random.pick(corpus), corpus)) {
      const decode = () => decodeOne(decoder, octets, session);
      const decoded = decode();
      onMessage?.(octets, decode);
      counts.messages += 1;
      if (decoded) tally(counts, decoded);
      else counts.refused += 1;
    }
  }
  counts.fieldsKept = Math.max(...decoders.map(fieldsKept));
  return counts;
}

function decodeOne(decoder: Decoder, octets: Buffer, session: string): DecodedMessage | undefined {
  try {
    return decoder.decode(octets, session);
  } catch (error) {
    if (!(error instanceof DecodeError) || error.message === '') throw error;
    return undefined;
  }
}

function fieldsKept(decoder: Decoder): number {
  let fields = 0;
  for (const session of sessions) {
    for (const domain of domains) {
      for (const template of decoder.templates(domain, session).values()) {
        fields += template.fields.length;
      }
    }
  }
  return fields;
}

function tally(counts: MutationCounts, decoded: DecodedMessage): void {
  counts.decoded += 1;
  counts.records += decoded.records.length;
  counts.unknownSets += decoded.unknownSets.length;
  let values = 0;
  const walk = (value: Value): void => {
    values += 1;
    if (typeof value !== 'object' || value === null) return;
    counts[value.type === 'unread' ? 'unreadLists' : 'lists'] += 1;
    if (value.type === 'basicList') value.values.forEach(walk);
    else if (value.type === 'subTemplateList') value.records.forEach(walkRecord);
    else if (value.type === 'subTemplateMultiList') {
      for (const { records } of value.parts) records.forEach(walkRecord);
    }
  };
  const walkRecord = (record: DecodedMessage['records'][number]): void => {
    for (const { value } of record.values) walk(value);
  };
  decoded.records.forEach(walkRecord);
  counts.valuesPerOctet = Math.max(counts.valuesPerOctet, values / decoded.length);
}

type Session = readonly Buffer[];

function corpusOf(seed: number): readonly Session[] {
  const { multicastTemplateSet, multicastDataSet, namesDataSet, metricsTemplateSet } = lists;
  const { delayTemplateSet, delayDataSet, filteringTemplateSet, samplingTemplateSet } = lists;
  const { selectedFlowTemplateSet, selectedFlowDataSet, sequenceOptionsTemplateSet } = lists;
  const { observationPointTemplateSets, sequenceDataSet } = lists;
  const rfcs: Session[] = [
    [appendixMessage],
    [message([multicastTemplateSet, multicastDataSet, namesDataSet])],
    [message([metricsTemplateSet, delayTemplateSet]), message([delayDataSet])],
    [
      message([filteringTemplateSet, samplingTemplateSet, selectedFlowTemplateSet]),
      message([selectedFlowDataSet, selectedFlowDataSet]),
    ],
    [message([sequenceOptionsTemplateSet, observationPointTemplateSets, sequenceDataSet])],
    [
      message([biflow.biflowTemplateSet, biflow.directionOptionsTemplateSet]),
      message([biflow.biflowDataSet, biflow.directionDataSet]),
    ],
    [
      message([types.flagsTemplateSet, types.typeOptionsTemplateSet, types.typeDataSet]),
      message([types.flagsDataSet, types.flagsDataSet]),
    ],
  ];
  const published = publishedSessions.map((session) => session.map(({ octets }) => octets));
  return [...rfcs, ...rfcs, ...published, ...anySessions(seed)];
}

function anySessions(seed: number): Session[] {
  const any = anyTemplate(3, 8).chain((template) =>
    fc
      .array(anyRecord(template.fields), { minLength: 1, maxLength: 4 })
      .map((records) => ({ template, records })),
  );
  return fc.sample(any, { seed, numRuns: 200 }).map(({ template, records }): Session => {
    const told = [template, ...namedBy(template)].map(({ id, fields }) =>
      templateRecord(
        id,
        fields.map((field) => field.specifier),
      ),
    );
    const data = naiveSet(template.id, ...records.map(({ octets }) => octets));
    return [[naiveSet(2, ...told)], [data]].map((sets) =>
      naiveMessage({ exportTimeS: 0, sequenceNumber: 0, observationDomainId: 0 }, sets),
    );
  });
}

const extremes = Object.values(extremeMessages);

function* mutated(random: Random, session: Session, corpus: readonly Session[]): Iterable<Buffer> {
  const isLong = random.chance(0.0005);
  for (const octets of isLong ? random.pick(extremes) : session) {
    const times = random.pickWeighted([
      [2, 0],
      [5, 1],
      [3, 3],
      [1, 10],
    ]);
    let damaged: Buffer = Buffer.from(octets);
    for (let i = 0; i < times; i += 1) damaged = damage(random, damaged, corpus);
    if (damaged.length >= 16 && damaged.length <= 65_535) {
      // Mostly the Length agrees again: what lies behind it is what is tried.
      if (random.chance(0.95)) damaged.writeUInt16BE(damaged.length, 2);
      damaged.writeUInt32BE(random.pick(domains), 12);
    }
    yield damaged;
  }
}

const words = [0, 1, 2, 3, 4, 5, 8, 255, 256, 257, 291, 292, 293, 0x7fff, 0x8000, 0xfffe, 0xffff];
const octetsOfNote = [0, 1, 2, 3, 4, 5, 0x7f, 0x80, 0xfe, 0xff];

function damage(random: Random, octets: Buffer, corpus: readonly Session[]): Buffer {
  if (octets.length < 2) return octets;
  const at = random.integer(0, octets.length - 1);
  const length = Math.min(random.integer(1, 40), octets.length - at);
  switch (random.integer(0, 7)) {
    case 0:
      octets[at] = random.integer(0, 255);
      return octets;
    case 1:
      octets[at] = random.pick(octetsOfNote);
      return octets;
    case 2:
      octets.writeUInt16BE(random.pick(words), Math.min(at & ~1, octets.length - 2));
      return octets;
    case 3:
      octets.writeUInt16BE(random.integer(0, octets.length), Math.min(at, octets.length - 2));
      return octets;
    case 4:
      return octets.subarray(0, at);
    case 5:
      return Buffer.concat([octets.subarray(0, at), octets.subarray(at + length)]);
    case 6:
      return Buffer.concat([octets.subarray(0, at + length), octets.subarray(at)]);
    default: {
      const [other] = random.pick(corpus);
      const from = random.integer(0, other!.length - 1);
      const piece = other!.subarray(from, from + length);
      return Buffer.concat([octets.subarray(0, at), piece, octets.subarray(at)]);
    }
  }
}
