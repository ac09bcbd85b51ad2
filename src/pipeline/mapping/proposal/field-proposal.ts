// What one field of a schema becomes: an entry of a mapping if its name, its type and its "doc" leave no
// doubt, or a suggestion with the reason for the doubt.

import type { AvroLeaf, LeafType } from '../../../avro/leaves.ts';
import type { EnumType } from '../../../avro/schema.ts';
import { durationUnitOf } from '../conversion/number-conversion.ts';
import { protocolNumber } from '../conversion/protocol-numbers.ts';
import { ownUnit } from '../conversion/time-conversion.ts';
import { timeUnitOf } from '../conversion/conversion.ts';
import { chosenElements, elementNameLike } from '../element-choice.ts';
import type { ElementSpec, SpecValue, TimeUnit } from '../mapping-spec.ts';
import { hasUnknownValue } from '../null-meaning.ts';
import { docFacts, type DocFacts } from './doc-facts.ts';
import { type NameMeaning, meaningOf } from './synonyms.ts';

/** A field, and what it seems to be. */
export interface Candidate {
  readonly path: string;
  readonly spec: ElementSpec;
  /** Why nothing is sure; undefined where it is. */
  readonly doubt: string | undefined;
  readonly rank: number;
}

/** What the other fields of the schema say of this one. */
export interface Surroundings {
  /** Whether a field has just these words. */
  has(...words: string[]): boolean;
  /** What is known of a field by the program that wrote it. */
  known(path: string): ElementSpec | undefined;
}

interface Seen {
  readonly leaf: AvroLeaf;
  readonly doc: DocFacts;
  readonly meaning: NameMeaning;
  readonly around: Surroundings;
}

type Judged = Pick<Candidate, 'spec' | 'doubt'>;

const sure = (spec: ElementSpec): Judged => ({ spec, doubt: undefined });

/** Undefined where nothing is known of the field. */
export function candidateFor(leaf: AvroLeaf, around: Surroundings): Candidate | undefined {
  if (leaf.variants.every(({ kind }) => kind === 'map' || kind === 'array' || kind === 'record')) {
    return undefined;
  }
  const { path } = leaf;
  const known = around.known(path);
  if (known) return { path, spec: known, doubt: undefined, rank: rankOfDoc };
  const doc = docFacts(leaf);
  const meaning = meaningFor(leaf, doc);
  if (!meaning) return undefined;
  const judged = judge({ leaf, doc, meaning, around });
  const isNested = meaning.rank === rankOfIana && meaning.doubt !== undefined;
  const doubt = judged && !isNested ? judged.doubt : meaning.doubt;
  const spec = withNull(leaf, judged?.spec ?? { element: meaning.element });
  return { path, spec, doubt, rank: meaning.rank };
}

const rankOfDoc = 3;
const rankOfIana = 2;

function meaningFor({ path, names }: AvroLeaf, doc: DocFacts): NameMeaning | undefined {
  const said = meaningOf(path);
  const words = said?.words ?? new Set<string>();
  const unit = said?.unit;
  if (doc.element !== undefined) return { element: doc.element, rank: rankOfDoc, words, unit };
  // Inside another record, an element's name may be said of something else.
  const outer = path.split('.').slice(0, -1);
  const iana = names.map(elementOfFlow).find((name) => name !== undefined);
  if (iana !== undefined && (outer.length === 0 || said === undefined || iana === said.element)) {
    const doubt = outer.every(saysNothing) ? undefined : 'is it the value of the flow?';
    return { element: iana, rank: rankOfIana, words, unit, doubt };
  }
  if (said) return said;
  return names
    .slice(1)
    .map((alias) => meaningOf([...outer, alias].join('.')))
    .find((other) => other !== undefined);
}

/** What is said of an exporter is of the one that the event came from, not of this program. */
function elementOfFlow(name: string): string | undefined {
  const element = elementNameLike(name);
  if (element === 'observationDomainId') return 'originalObservationDomainId';
  return element?.replace(/^exporter(?=Address|IPv[46]Address)/, 'originalExporter');
}

/** `ipVersion` of a record `IP` is still the flow's: the outer name is a part of the element's. */
const saysNothing = (segment: string): boolean =>
  /^(?:ip|tcp|udp|flow|flows|network|net|records?|event|after|payload|data|value|message|l[234])$/i.test(
    segment,
  );

/** Undefined where the type adds nothing to what the name says. */
function judge(seen: Seen): Judged | undefined {
  const { meaning, leaf } = seen;
  const { elements, name } = chosenElements({ element: meaning.element });
  const [element] = elements;
  const { type, semantics } = element!;
  if (leaf.variants.some(({ kind }) => kind === 'enum')) return symbols(seen);
  if (timeUnitOf(element!) !== undefined) return time(seen);
  if (durationUnitOf(element!) !== undefined) return duration(seen);
  if (type === 'ipv4Address' || type === 'ipv6Address') return address(seen);
  if (type === 'macAddress') return mac(seen);
  if (name === 'flowDirection') return direction(seen);
  if (name === 'protocolIdentifier') return protocol(seen);
  if (name === 'icmpType' || name === 'icmpCode') return icmp(seen);
  const counted = semantics === 'deltaCounter' || semantics === 'totalCounter';
  if (counted) return counter(seen) ?? number(seen);
  return number(seen);
}

const kindsOf = ({ variants }: AvroLeaf): ReadonlySet<LeafType['kind']> =>
  new Set(variants.map(({ kind }) => kind));

function time({ leaf, doc, meaning }: Seen): Judged | undefined {
  const element = elementOfTime(meaning, doc);
  const { doubt } = element === meaning.element ? meaning : { doubt: undefined };
  const spec = { element };
  const kinds = kindsOf(leaf);
  const logical = leaf.variants.map(logicalTypeOf);
  if (logical.some((one) => one?.startsWith('local-'))) {
    return { spec: { ...spec, zone: 'UTC' }, doubt: 'in which time zone is this local time?' };
  }
  if (logical.some((one) => one === 'date' || one?.startsWith('time-'))) {
    return { spec, doubt: 'a date or a time of day is not a point in time' };
  }
  const isText = kinds.has('string');
  if (isText && doubt === undefined && !saysTime.test(leaf.path)) {
    return { spec, doubt: 'is it a time?' };
  }
  if (isText || leaf.variants.every((variant) => ownUnit(variant) !== undefined)) {
    return { spec, doubt };
  }
  const unit = unitIn({ doc, meaning }) ?? unitByWidth(leaf, meaning);
  if (unit !== undefined) return { spec: { ...spec, unit }, doubt };
  return {
    spec: { ...spec, unit: 'ms' },
    doubt: doubt ?? 'which unit: s, ms, us or ns since 1970?',
  };
}

/** More than "first" and "last", which may be said of anything. */
const saysTime =
  /time|date|seen|switched|ts$|^ts|at$|start|begin|end|stop|finish|first.*packet|last.*packet/i;

/** The "doc" may say of which packet a time is. */
function elementOfTime({ element }: NameMeaning, { text }: DocFacts): string {
  if (element !== 'observationTimeMilliseconds') return element;
  const isFirst = /\bfirst packet\b|\b(?:start|beginning) of the (?:flow|session|connection)\b/i;
  const isLast = /\blast packet\b|\bend of the (?:flow|session|connection)\b/i;
  if (isFirst.test(text)) return 'flowStartMilliseconds';
  return isLast.test(text) ? 'flowEndMilliseconds' : element;
}

const logicalTypeOf = (variant: LeafType): string | undefined =>
  'logicalType' in variant ? variant.logicalType : undefined;

const unitIn = ({ doc, meaning }: Pick<Seen, 'doc' | 'meaning'>): TimeUnit | undefined =>
  meaning.unit ?? doc.unit;

/** 31 bits hold no milliseconds since 1970; what was counted since a switch started is another matter. */
function unitByWidth({ path, variants }: AvroLeaf, meaning: NameMeaning): TimeUnit | undefined {
  const isShort = variants.every(({ kind }) => kind === 'int') && meaning.words.has('time');
  const mayBeUptime = /switched|uptime|boot/i.test(path) || meaning.element.includes('SysUpTime');
  return isShort && !mayBeUptime ? 's' : undefined;
}

function duration({ leaf, doc, meaning }: Seen): Judged {
  const spec = { element: meaning.element };
  if (leaf.variants.every((variant) => ownUnit(variant) !== undefined)) return sure(spec);
  const own = durationUnitOf(chosenElements(spec).elements[0]!);
  const isNamed = meaning.rank >= rankOfIana && own !== undefined;
  const unit = unitIn({ doc, meaning }) ?? (isNamed ? own : undefined);
  if (unit !== undefined) return sure({ ...spec, unit });
  return { spec: { ...spec, unit: 's' }, doubt: 'which unit: s, ms, us or ns?' };
}

/** Addresses that many flows do not have, though their field cannot be null. */
const oftenAbsent = /^(?:ipNextHop|bgpNextHop|postNAT|originalExporter|exporter)/;

function address({ leaf, doc, meaning, around }: Seen): Judged {
  const { element, doubt } = meaning;
  if (doubt !== undefined) return { spec: { element }, doubt };
  const kinds = kindsOf(leaf);
  if (kinds.has('int') || kinds.has('long')) {
    const { byteOrder } = doc;
    if (byteOrder !== undefined) return sure({ element, byteOrder });
    return {
      spec: { element, byteOrder: 'big' },
      doubt: 'an address as a number: is its order big (network order) or little?',
    };
  }
  const other = meaning.words.has('ipv4') ? 'ipv6' : 'ipv4';
  const words = [...meaning.words].map((word) => (/^ipv[46]$/.test(word) ? other : word));
  const isOneOfTwo = /IPv[46]/.test(element) && around.has(...words);
  if (leaf.nullable || !(oftenAbsent.test(element) || isOneOfTwo)) return sure({ element });
  return sure({ element, nullValues: ['', '0.0.0.0', '::'] });
}

function mac({ leaf, meaning: { element } }: Seen): Judged {
  if (leaf.nullable || !kindsOf(leaf).has('string')) return sure({ element });
  return sure({ element, nullValues: ['', '00:00:00:00:00:00'] });
}

function direction({ leaf, doc, meaning: { element } }: Seen): Judged {
  const isSaid = kindsOf(leaf).has('string')
    ? /\bingress\b/i.test(doc.text) && /\begress\b/i.test(doc.text)
    : /\b0\W+(?:is |for )?ingress\b/i.test(doc.text);
  if (isSaid) return sure({ element });
  return {
    spec: { element },
    doubt: 'is it 0 or "ingress", and 1 or "egress"? Other values need "symbols"',
  };
}

function protocol(seen: Seen): Judged | undefined {
  const { leaf, doc, meaning } = seen;
  const spec = { element: meaning.element };
  if (doc.isOfApplication) return { spec, doubt: 'the protocol of the application has no number' };
  if (kindsOf(leaf).has('string')) return sure(spec);
  return number(seen);
}

/** A field that cannot be null is 0 in events without ICMP, and 0 is also a valid type and code. */
function icmp(seen: Seen): Judged | undefined {
  const { leaf, meaning, around } = seen;
  const { element, words } = meaning;
  const other = element === 'icmpType' ? 'code' : 'type';
  const hasBoth = around.has(
    ...[...words].map((word) => (/^(?:type|code)$/.test(word) ? other : word)),
  );
  if (!hasBoth) {
    const doubt = 'ICMP type alone, or type × 256 + code? Then use icmpTypeCode';
    return { spec: { element }, doubt };
  }
  if (!leaf.nullable) {
    return { spec: { element }, doubt: 'it cannot be null: is it 0 for flows without ICMP, too?' };
  }
  return number(seen);
}

function counter({ doc, meaning, around }: Seen): Judged | undefined {
  const { element, words, rank } = meaning;
  if (rank >= rankOfIana) return undefined;
  const unit = words.has('bytes') ? 'bytes' : 'packets';
  const isOctets = unit === 'bytes';
  const delta = isOctets ? 'octetDeltaCount' : 'packetDeltaCount';
  const reverse = isOctets ? 'reverseOctetDeltaCount' : 'reversePacketDeltaCount';
  const total = isOctets ? 'octetTotalCount' : 'packetTotalCount';
  if (words.has('drop')) return undefined;
  if (doc.isPayload && isOctets) return payload(element);
  const isEnd = words.has('source') || words.has('destination');
  if (isEnd) {
    const end = words.has('source') ? 'source' : 'destination';
    if (isOctets && !words.has('ip') && around.has(end, 'ip', unit)) return payload(element);
    const isPaired =
      end === 'source' ||
      around.has(...[...words].map((word) => (word === 'destination' ? 'source' : word)));
    if (isPaired) return undefined;
    return { spec: { element }, doubt: 'only the reverse direction is counted?' };
  }
  if (words.has('toserver') || words.has('toclient')) return undefined;
  const isDirected = ['ingress', 'egress', 'up', 'down'].some((word) => words.has(word));
  if (isDirected) {
    if (doc.direction === 'forward') return sure({ element: delta });
    if (doc.direction === 'reverse') return sure({ element: reverse });
    const isOnly = ['ingress egress', 'up down'].some((pair) => {
      const [out, back] = pair.split(' ') as [string, string];
      return words.has(out) && !around.has(back, unit);
    });
    if (isOnly) return sure({ element: delta });
    return undefined;
  }
  const hasPair = around.has('source', unit) && around.has('destination', unit);
  const hasWays = [
    ['ingress', 'egress'],
    ['up', 'down'],
    ['toserver', 'toclient'],
  ].some((ways) => ways.every((way) => around.has(way, unit)));
  if (hasPair || hasWays || doc.direction === 'both') {
    return { spec: { element: delta }, doubt: 'the sum of both directions?' };
  }
  if (doc.counts === 'total') return sure({ element: total });
  if (doc.counts === 'delta') return sure({ element: delta });
  return undefined;
}

function payload(counter: string): Judged {
  const element = counter.startsWith('reverse')
    ? 'reverseTransportOctetDeltaCount'
    : 'transportOctetDeltaCount';
  return { spec: { element }, doubt: 'octets of the payload only, without headers?' };
}

const decimalInText = new RegExp(
  '^(?:(?:source|destination|postNAPTSource|postNAPTDestination)TransportPort|vlanId|postVlanId|' +
    'protocolIdentifier)$',
);

/** Whether text for an element is as a rule a decimal number, or a known word. */
function isDecimalText(elementName: string): boolean {
  const { type, semantics } = chosenElements({ element: elementName }).elements[0]!;
  if (!/^(?:un)?signed/.test(type)) return true;
  return semantics.endsWith('Counter') || decimalInText.test(elementName);
}

/** Why the values of a field may not be what its name says; undefined if nothing suggests that. */
export function doubtOfText(leaf: AvroLeaf, elementName: string): string | undefined {
  if (!kindsOf(leaf).has('string') || isDecimalText(elementName)) return undefined;
  return `${elementName} is a number, and the field is text`;
}

/** What these identify is this program's, not that of the program which wrote the event. */
const aboutExporter: ReadonlySet<string> = new Set([
  'templateId',
  'exportingProcessId',
  'meteringProcessId',
  'lineCardId',
]);

function number({ leaf, doc, meaning }: Seen): Judged | undefined {
  const { element, doubt } = meaning;
  const { elements } = chosenElements({ element });
  const { type, semantics } = elements[0]!;
  if (type === 'octetArray' && kindsOf(leaf).has('string')) {
    return {
      spec: { element },
      doubt: 'are the octets of the text the value? For hexadecimal digits add "base": 16',
    };
  }
  if (aboutExporter.has(element))
    return { spec: { element }, doubt: 'the element is about the process that exports' };
  if (!/^(?:un)?signed/.test(type)) return undefined;
  const kinds = kindsOf(leaf);
  const isText = kinds.has('string');
  if (doubt !== undefined) return undefined;
  const isCounter = semantics === 'deltaCounter' || semantics === 'totalCounter';
  if (isText && doc.base !== undefined) return sure({ element, base: doc.base });
  if (isText && /^(?:in|e)gress.*Interface$/.test(element)) {
    return {
      spec: { element },
      doubt: 'is the text the index of an interface in decimal digits, or a name?',
    };
  }
  if (isText && !isDecimalText(element)) {
    return {
      spec: { element, base: 10 },
      doubt: 'is the text a decimal number? If it is hexadecimal, use base 16',
    };
  }
  if (kinds.has('float') || kinds.has('double')) {
    const isWhole = isCounter;
    if (!isWhole) return { spec: { element }, doubt: 'is it always a whole number?' };
  }
  if (element.startsWith('postNAPT') && !leaf.nullable && !isText) {
    return sure({ element, nullValues: [0] });
  }
  if (doc.absent !== undefined && !isText) return sure({ element, nullValues: [doc.absent] });
  return undefined;
}

const isAbsentSymbol = (symbol: string): boolean =>
  /(?:^|_)(?:unknown|unspecified|other|none|undefined|invalid|not_used|unused|na)(?:_|$)/i.test(
    symbol,
  );

function symbols({ leaf, meaning }: Seen): Judged | undefined {
  const { element } = meaning;
  const { elements } = chosenElements({ element });
  if (elements[0]!.type === 'string') return undefined;
  const written: Record<string, SpecValue> = {};
  const unknown: string[] = [];
  for (const variant of leaf.variants) {
    if (variant.kind !== 'enum') continue;
    for (const [symbol, number] of numbersOf(variant, element)) {
      if (number === 'built in') continue;
      if (number !== undefined) written[symbol] = number;
      else if (isAbsentSymbol(symbol)) written[symbol] = null;
      else unknown.push(symbol);
    }
  }
  const spec = Object.keys(written).length > 0 ? { element, symbols: written } : { element };
  if (unknown.length === 0) return { spec, doubt: undefined };
  return { spec, doubt: `which number has ${unknown.join(', ')}? Add "symbols"` };
}

function numbersOf({ symbols: all }: EnumType, element: string) {
  return all.map((symbol): readonly [string, number | 'built in' | undefined] => {
    const word = symbol.toLowerCase();
    if (element === 'protocolIdentifier') {
      return [symbol, protocolNumber(symbol) === undefined ? undefined : 'built in'];
    }
    if (element === 'flowDirection') {
      if (word === 'ingress' || word === 'egress') return [symbol, 'built in'];
      if (/(?:^|_)(?:ingress|inbound|in)$/.test(word)) return [symbol, 0];
      return [symbol, /(?:^|_)(?:egress|outbound|out)$/.test(word) ? 1 : undefined];
    }
    if (element === 'ipVersion') {
      const digit = /ip_?v?([46])$/.exec(word)?.[1];
      return [symbol, digit === undefined ? undefined : Number(digit)];
    }
    return [symbol, undefined];
  });
}

/** Fewer Templates: the element itself has a value for unknown. */
function withNull({ nullable }: AvroLeaf, spec: ElementSpec): ElementSpec {
  const { elements } = chosenElements(spec);
  const isUnknown = nullable && elements.every(({ name }) => hasUnknownValue(name));
  return isUnknown ? { ...spec, null: 'unknown' } : spec;
}
