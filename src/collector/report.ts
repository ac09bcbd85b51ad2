// The `collect` command's words for what its Collector counted.

import { endpointText } from '../endpoint.ts';
import type { CollectorAddress, CollectorSummary, DomainSummary } from './summary.ts';
import type { KernelDrops } from './receive-buffer.ts';

const number = new Intl.NumberFormat('en-GB');

/** The first line: where it listens, and how much the kernel really lets wait. */
export function listeningText(address: CollectorAddress, asked: number): string {
  const granted = address.receiveBufferBytes;
  // Linux reports twice what it was asked for when it grants all of it.
  const full = process.platform === 'linux' ? 2 * asked : asked;
  const hint =
    granted < full ? ` of ${number.format(asked)} requested: net.core.rmem_max is lower` : '';
  const buffer = `receive buffer ${number.format(granted)} octets${hint}`;
  return `listening on ${endpointText(address)}, ${buffer}`;
}

export function summaryText(summary: CollectorSummary): string {
  const { address, kernelDrops, domains } = summary;
  const lines = [
    row(summary.messages, 'Messages', `${number.format(summary.octets)} octets`),
    row(summary.dataRecords, 'Data Records'),
    row(summary.optionsRecords, 'options records'),
    row(summary.templates, 'Templates', `received ${times(summary.templateRecords)}`),
    row(summary.unknownSets, 'unknown Sets', uncounted(summary)),
    row(summary.malformedMessages, 'malformed Messages'),
    row(summary.missingRecords, 'records missing', gaps(summary)),
    row(summary.lateMessages, 'Messages out of order'),
    row(summary.repeatedMessages, 'Messages repeated'),
    ...(address ? [dropsRow(address, kernelDrops)] : []),
  ];
  return [...lines, ...domains.map(domainLine), ''].join('\n');
}

function row(count: number | 'unknown', what: string, note = ''): string {
  const digits = count === 'unknown' ? count : number.format(count);
  return `${digits.padStart(15)}  ${what}${note === '' ? '' : ` (${note})`}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${number.format(count)} times`;
}

function gaps({ sequenceGaps, restarts }: CollectorSummary): string {
  const began = restarts === 0 ? '' : `; an exporter restarted ${times(restarts)}`;
  return `${number.format(sequenceGaps)} gaps in the Sequence Numbers${began}`;
}

/** Only where there were unknown Sets: how many records the Sequence Number says went by. */
function uncounted({ unknownSets, uncountedRecords }: CollectorSummary): string {
  if (unknownSets === 0) return '';
  return `up to ${number.format(uncountedRecords)} records by the Sequence Numbers`;
}

function dropsRow(address: CollectorAddress, drops: KernelDrops): string {
  const buffer = `${number.format(address.receiveBufferBytes)} octets`;
  return row(drops, "datagrams lost in this socket's receive buffer", buffer);
}

function domainLine(domain: DomainSummary): string {
  const parts = [
    several(domain.messages, 'Message'),
    several(domain.dataRecords, 'Data Record'),
    ...(domain.optionsRecords === 0 ? [] : [several(domain.optionsRecords, 'options record')]),
    `${number.format(domain.missingRecords)} missing`,
    ...(domain.unknownSets === 0 ? [] : [several(domain.unknownSets, 'unknown Set')]),
  ];
  const { observationDomainId, session } = domain;
  return `  Observation Domain ${observationDomainId} from ${session}: ${parts.join(', ')}`;
}

function several(count: number, what: string): string {
  return `${number.format(count)} ${what}${count === 1 ? '' : 's'}`;
}
