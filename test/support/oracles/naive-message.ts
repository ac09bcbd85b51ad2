// The oracle: Messages made by laying Buffers end to end, slow and obvious. It knows RFC 7011 and
// IANA's numbers by heart and nothing of the pipeline.

import type { FlowEvent } from '../../../src/generator/flow-event.ts';

/** Which element a field fills, in how many octets, and what its null is. */
export interface NaiveField {
  readonly field: keyof FlowEvent;
  /** One id; or IPv4's and IPv6's, chosen by the address itself or by the flow's. */
  readonly id: number | readonly [ipv4: number, ipv6: number];
  readonly by?: 'itself' | 'flow';
  /** undefined: as many as the value has, its length before it. */
  readonly length?: number;
  /** RFC 9565 §3: of the TCP flags, one octet has the lower eight. */
  readonly lowOctet?: true;
  readonly whenNull?: 0 | '' | 'omit';
  /** A value that is no value. */
  readonly meansNull?: 0;
}

/** What schemas/flow-event.avsc asks for, by IANA's numbers. */
export const flowMapping: readonly NaiveField[] = [
  { field: 'flowId', id: 148, length: 8 },
  { field: 'sourceAddress', id: [8, 27], by: 'itself' },
  { field: 'destinationAddress', id: [12, 28], by: 'itself' },
  { field: 'sourcePort', id: 7, length: 2 },
  { field: 'destinationPort', id: 11, length: 2 },
  { field: 'protocol', id: 4, length: 1 },
  { field: 'octets', id: 1, length: 8 },
  { field: 'packets', id: 2, length: 8 },
  { field: 'flowStart', id: 152, length: 8 },
  { field: 'flowEnd', id: 153, length: 8 },
  { field: 'tcpFlags', id: 6, length: 1, lowOctet: true, whenNull: 0 },
  { field: 'ipClassOfService', id: 5, length: 1, whenNull: 0 },
  { field: 'ingressInterface', id: 10, length: 4, whenNull: 0 },
  { field: 'egressInterface', id: 14, length: 4, whenNull: 0 },
  { field: 'vlanId', id: 58, length: 2, whenNull: 0 },
  { field: 'sourceAs', id: 16, length: 4, whenNull: 0 },
  { field: 'destinationAs', id: 17, length: 4, whenNull: 0 },
  { field: 'sourcePrefixLength', id: [9, 29], by: 'flow', length: 1, whenNull: 0 },
  { field: 'destinationPrefixLength', id: [13, 30], by: 'flow', length: 1, whenNull: 0 },
  { field: 'icmpTypeCode', id: [32, 139], by: 'flow', length: 2, whenNull: 'omit' },
  { field: 'sourceMac', id: 56, length: 6, whenNull: 'omit' },
  { field: 'destinationMac', id: 80, length: 6, whenNull: 'omit' },
  { field: 'nextHop', id: [15, 62], by: 'itself', whenNull: 'omit' },
  { field: 'flowDirection', id: 61, length: 1, whenNull: 'omit' },
  { field: 'flowEndReason', id: 136, length: 1, whenNull: 'omit' },
  { field: 'exporterAddress', id: [403, 404], by: 'itself', whenNull: 'omit' },
  { field: 'samplingRate', id: 34, length: 4, whenNull: 'omit', meansNull: 0 },
  { field: 'applicationName', id: 96, whenNull: '' },
];

export interface NaiveRecord {
  /** The Field Specifiers of its Template, as hexadecimal text. */
  readonly layout: string;
  readonly octets: Buffer;
}

export function naiveRecord(event: FlowEvent, mapping = flowMapping): NaiveRecord {
  const specifiers: Buffer[] = [];
  const values: Buffer[] = [];
  for (const { field, id, by, length, lowOctet, whenNull, meansNull } of mapping) {
    const given = event[field];
    const value = given === meansNull ? whenNull : (given ?? whenNull);
    if (value === 'omit' || value === undefined) continue;
    const address = by === 'flow' ? event.sourceAddress : value;
    const isIPv6 = Buffer.isBuffer(address) && address.length === 16;
    const chosen = typeof id === 'number' ? id : id[isIPv6 ? 1 : 0];
    const octets = naiveValue(lowOctet ? Number(value) % 256 : value, length);
    const isVariable = typeof value === 'string';
    specifiers.push(unsigned(chosen, 2), unsigned(isVariable ? 65_535 : octets.length, 2));
    values.push(octets);
  }
  return { layout: Buffer.concat(specifiers).toString('hex'), octets: Buffer.concat(values) };
}

function naiveValue(value: number | string | Buffer, length: number | undefined): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'number') return unsigned(value, length!);
  const text = Buffer.from(value, 'utf8');
  if (text.length < 255) return Buffer.concat([unsigned(text.length, 1), text]);
  return Buffer.concat([unsigned(255, 1), unsigned(text.length, 2), text]);
}

function unsigned(value: number, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');
}

export interface NaiveOptions {
  readonly messageOctetsMax: number;
  readonly templateIdOf: (layout: string) => number;
  readonly exportTimeS: number;
  readonly observationDomainId: number;
}

/**
 * The Messages with all events' records: one Data Set of one Template each, full before the next is
 * begun; what is left at the end leaves in the order it was begun.
 */
export function naiveMessages(events: readonly FlowEvent[], options: NaiveOptions): Buffer[] {
  const full: { layout: string; records: Buffer[] }[] = [];
  let open: { layout: string; records: Buffer[] }[] = [];
  for (const event of events) {
    const { layout, octets } = naiveRecord(event);
    let message = open.find((other) => other.layout === layout);
    if (message && 20 + sum(message.records) + octets.length > options.messageOctetsMax) {
      full.push(message);
      open = open.filter((other) => other !== message);
      message = undefined;
    }
    if (!message) {
      message = { layout, records: [] };
      open.push(message);
    }
    message.records.push(octets);
  }
  let sequenceNumber = 0;
  return [...full, ...open].map(({ layout, records }) => {
    const body = Buffer.concat(records);
    const message = Buffer.concat([
      unsigned(10, 2),
      unsigned(20 + body.length, 2),
      unsigned(options.exportTimeS, 4),
      unsigned(sequenceNumber, 4),
      unsigned(options.observationDomainId, 4),
      unsigned(options.templateIdOf(layout), 2),
      unsigned(4 + body.length, 2),
      body,
    ]);
    sequenceNumber += records.length;
    return message;
  });
}

const sum = (buffers: readonly Buffer[]): number =>
  buffers.reduce((octets, buffer) => octets + buffer.length, 0);
