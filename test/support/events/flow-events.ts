// Flow events of the default schema for properties and examples, and Deliveries of them.

import fc from 'fast-check';
import {
  type FlowEvent,
  flowEventSchema as schemaText,
  flowEventType,
} from '../../../src/generator/flow-event.ts';
import { mappingFromSchema } from './mapping.ts';
import type { Delivery, Origin, WriterSchema } from '../../../src/sources/delivery.ts';

export const writerSchema: unknown = JSON.parse(schemaText);
export const flowEventSchema: WriterSchema = { name: 'flow-event.avsc', json: writerSchema };
export const flowEventMapping = mappingFromSchema(writerSchema);

const octets = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));
const upTo = (max: number) => fc.nat({ max });
// avsc takes no longs beyond these.
const long = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 });
const unsigned32 = fc.integer({ min: 0, max: 0xffff_ffff });
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });
const eitherAddress = fc.oneof(octets(4), octets(16));

const eventOf = (address: fc.Arbitrary<Buffer>, prefixLengthMax: number): fc.Arbitrary<FlowEvent> =>
  fc.record({
    flowId: long,
    sourceAddress: address,
    destinationAddress: address,
    sourcePort: upTo(65_535),
    destinationPort: upTo(65_535),
    protocol: upTo(255),
    octets: long,
    packets: long,
    flowStart: long,
    flowEnd: long,
    tcpFlags: nullable(upTo(65_535)),
    ipClassOfService: nullable(upTo(255)),
    ingressInterface: nullable(unsigned32),
    egressInterface: nullable(unsigned32),
    vlanId: nullable(upTo(65_535)),
    sourceAs: nullable(unsigned32),
    destinationAs: nullable(unsigned32),
    sourcePrefixLength: nullable(upTo(prefixLengthMax)),
    destinationPrefixLength: nullable(upTo(prefixLengthMax)),
    icmpTypeCode: nullable(upTo(65_535)),
    sourceMac: nullable(octets(6)),
    destinationMac: nullable(octets(6)),
    nextHop: nullable(eitherAddress),
    flowDirection: nullable(upTo(255)),
    flowEndReason: nullable(upTo(255)),
    exporterAddress: nullable(eitherAddress),
    samplingRate: nullable(unsigned32),
    applicationName: nullable(
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 240, maxLength: 270 })),
    ),
  });

/** Any event that can be exported, nulls wherever the schema has them. */
export const anyFlowEvent: fc.Arbitrary<FlowEvent> = fc.oneof(
  eventOf(octets(4), 32),
  eventOf(octets(16), 128),
);

/** A plain TCP flow over IPv4; everything that may be null is. */
export const flowEvent = (changes: Partial<FlowEvent> = {}): FlowEvent => ({
  flowId: 1,
  sourceAddress: Buffer.from([192, 0, 2, 1]),
  destinationAddress: Buffer.from([198, 51, 100, 2]),
  sourcePort: 40_000,
  destinationPort: 443,
  protocol: 6,
  octets: 1500,
  packets: 3,
  flowStart: 1_785_585_600_000,
  flowEnd: 1_785_585_601_000,
  tcpFlags: null,
  ipClassOfService: null,
  ingressInterface: null,
  egressInterface: null,
  vlanId: null,
  sourceAs: null,
  destinationAs: null,
  sourcePrefixLength: null,
  destinationPrefixLength: null,
  icmpTypeCode: null,
  sourceMac: null,
  destinationMac: null,
  nextHop: null,
  flowDirection: null,
  flowEndReason: null,
  exporterAddress: null,
  samplingRate: null,
  applicationName: null,
  ...changes,
});

export const ipv6 = (last: number): Buffer =>
  Buffer.from(`20010db8${'00'.repeat(11)}0${last}`, 'hex');

export const encode = (event: FlowEvent): Buffer => flowEventType.toBuffer(event);

export const originOf = (partition = 0, generation = 1): Origin => ({
  topic: 'flows',
  partition,
  generation,
});

/** Events, or octets that need not be one; null is a tombstone. */
export function deliveryOf(
  items: readonly (FlowEvent | Buffer | null)[],
  origin: Origin,
  firstOffset = 0,
): Delivery {
  const parts = items.map((item) => (item === null || Buffer.isBuffer(item) ? item : encode(item)));
  const starts = new Int32Array(parts.length);
  const ends = new Int32Array(parts.length);
  let at = 0;
  parts.forEach((part, i) => {
    starts[i] = part === null ? -1 : at;
    at += part?.length ?? 0;
    ends[i] = part === null ? -1 : at;
  });
  return {
    origin,
    bytes: Buffer.concat(parts.filter((part) => part !== null)),
    count: parts.length,
    starts,
    ends,
    offsets: Float64Array.from(parts, (_, i) => firstOffset + i),
    nextOffset: firstOffset + parts.length,
    schemas: [flowEventSchema],
    schemaOf: undefined,
    unreadable: undefined,
    metadata: undefined,
  };
}
