// A Data Record for the eye (rows of 100 columns) and for scripts (a JSON object on a line).

import type { DecodedMessage, DecodedRecord, Value } from '../ipfix/decoder.ts';
import { jsonRecord, jsonValue } from './json-value.ts';

// A control character in a string from the network must not reach the terminal.
// eslint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Element names as keys, an array where an element comes more than once, lists as objects; what is not
 * an element is under "_".
 */
export function jsonLine(record: DecodedRecord, message: DecodedMessage, session: string): string {
  const line: Record<string, unknown> = jsonRecord(record.values);
  const { observationDomainId, exportTime } = message;
  const { templateId, options } = record;
  line['_'] = { exporter: session, observationDomainId, templateId, options, exportTime };
  return `${JSON.stringify(line)}\n`;
}

// The first element that a record has of each group stands in the row's column.
const startTimes = [
  'flowStartMilliseconds',
  'flowStartMicroseconds',
  'flowStartNanoseconds',
  'flowStartSeconds',
  'observationTimeMilliseconds',
  'observationTimeMicroseconds',
  'observationTimeNanoseconds',
  'observationTimeSeconds',
  'eventTimeMilliseconds',
];
const sourceAddresses = ['sourceIPv4Address', 'sourceIPv6Address'];
const sourcePorts = ['sourceTransportPort', 'udpSourcePort', 'tcpSourcePort'];
const destinationAddresses = ['destinationIPv4Address', 'destinationIPv6Address'];
const destinationPorts = ['destinationTransportPort', 'udpDestinationPort', 'tcpDestinationPort'];
const octetCounts = ['octetDeltaCount', 'octetTotalCount'];
const packetCounts = ['packetDeltaCount', 'packetTotalCount'];

const protocols: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  6: 'TCP',
  17: 'UDP',
  47: 'GRE',
  50: 'ESP',
  58: 'ICMPv6',
  89: 'OSPF',
  132: 'SCTP',
};

const indent = ' '.repeat(4);

/** Room for an IPv4 address and a port. */
const endpointWidth = 21;

/** Rows for 100 columns. */
export class RecordTable {
  readonly #columns: number;

  constructor(columns = 100) {
    this.#columns = Math.max(60, columns);
  }

  header(): string {
    return tableRow('TIME (UTC)', 'SOURCE', 'DESTINATION', 'PROTO', 'OCTETS', 'PACKETS');
  }

  rows(record: DecodedRecord, message: DecodedMessage): string {
    const left = record.values.map(({ element, value }) => ({ name: element.name, value }));
    const take = (names: readonly string[]): Value | undefined => {
      const index = left.findIndex(({ name }) => names.includes(name));
      return index < 0 ? undefined : left.splice(index, 1)[0]?.value;
    };
    if (record.options) {
      const domain = message.observationDomainId;
      return `options of domain ${domain}, Template ${record.templateId}\n${this.#rest(left)}`;
    }
    const time = take(startTimes);
    const source = endpoint(take(sourceAddresses), take(sourcePorts));
    const destination = endpoint(take(destinationAddresses), take(destinationPorts));
    const protocol = take(['protocolIdentifier']);
    const counts = [take(octetCounts), take(packetCounts)].map(countText);
    const row = tableRow(
      typeof time === 'string' ? time.replace('T', ' ') : '-',
      source,
      destination,
      protocols[Number(protocol)] ?? shown(protocol),
      counts[0] ?? '-',
      counts[1] ?? '-',
    );
    return row + this.#rest(left);
  }

  /** What has no column, as name=value, wrapped at the width. */
  #rest(values: readonly { name: string; value: Value }[]): string {
    let text = '';
    let line = '';
    for (const { name, value } of values) {
      const word = `${name}=${shown(value)}`;
      if (line !== '' && indent.length + line.length + 1 + word.length > this.#columns) {
        text += `${indent}${line}\n`;
        line = '';
      }
      line = line === '' ? word : `${line} ${word}`;
    }
    return line === '' ? text : `${text}${indent}${line}\n`;
  }
}

/** Long addresses take a line each, so that the columns right of them stay where they are. */
function tableRow(
  time: string,
  source: string,
  destination: string,
  protocol: string,
  octets: string,
  packets: string,
): string {
  const wide = source.length > endpointWidth || destination.length > endpointWidth;
  const endpoints = wide
    ? `${source}\n${' '.repeat(24)}${destination.padEnd(2 * endpointWidth + 1)}`
    : `${source.padEnd(endpointWidth)} ${destination.padEnd(endpointWidth)}`;
  const counts = `${octets.padStart(13)} ${packets.padStart(11)}`;
  return `${time.padEnd(23)} ${endpoints} ${protocol.padEnd(6)} ${counts}\n`;
}

function endpoint(address: Value | undefined, port: Value | undefined): string {
  const host = shown(address);
  if (port === undefined || port === 0) return host;
  return host.includes(':') ? `[${host}]:${shown(port)}` : `${host}:${shown(port)}`;
}

function countText(value: Value | undefined): string {
  if (typeof value !== 'number' && typeof value !== 'bigint') return '-';
  return value.toLocaleString('en-GB');
}

/**
 * A string that is empty or has spaces is quoted, so that a row can be read in only one way. Lists are
 * as JSON has them.
 */
function shown(value: Value | undefined): string {
  if (value === undefined || value === null) return '-';
  const plain = jsonValue(value);
  if (typeof plain !== 'string') return escaped(JSON.stringify(plain));
  if (typeof value !== 'string') return plain;
  if (plain !== '' && !/[\s"]/u.test(plain) && plain.search(unsafe) < 0) return plain;
  return escaped(JSON.stringify(plain));
}

const escaped = (json: string): string =>
  json.replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
