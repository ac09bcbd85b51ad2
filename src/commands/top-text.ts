// What `top` shows of two /stats, one after the other.

import Table from 'cli-table3';
import type { Stats } from '../http/stats.ts';
import { printable } from './printable.ts';

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const number = (value: number | undefined): string =>
  value === undefined ? '?' : whole.format(value);

/** Without a moment before there is no rate. */
function perSecond(now: Stats, before: Stats | undefined, of: (stats: Stats) => number): string {
  if (!before || before.startedAtMs !== now.startedAtMs || now.atMs <= before.atMs) return '?';
  return number(((of(now) - of(before)) * 1000) / (now.atMs - before.atMs));
}

const rates = (now: Stats, before: Stats | undefined) => ({
  exported: perSecond(now, before, ({ account }) => account.exported),
  consumed: perSecond(now, before, ({ account }) => account.consumed),
  octets: perSecond(now, before, ({ sent }) => sent['octets'] ?? 0),
});

/** One line for a log or a pipe: the names are those of /stats. */
export function topLine(now: Stats, before: Stats | undefined): string {
  const { account, lagRecords, ready, reasons } = now;
  const rate = rates(now, before);
  const plain = (text: string) => text.replaceAll(',', '');
  return [
    new Date(now.atMs).toISOString(),
    `ready=${ready ? 'yes' : reasons.map(({ code }) => code).join('+')}`,
    `exported/s=${plain(rate.exported)}`,
    `consumed/s=${plain(rate.consumed)}`,
    `octets/s=${plain(rate.octets)}`,
    `lag=${lagRecords}`,
    `in-flight=${account.inFlight}`,
    `exported=${account.exported}`,
    `dead-lettered=${account.deadLettered}`,
    `discarded=${account.discarded}`,
  ].join(' ');
}

export function topScreen(now: Stats, before: Stats | undefined): string {
  const { account, kafka, input, collector } = now;
  const rate = rates(now, before);
  const from = kafka ? `${kafka.topics.join(', ')} as ${kafka.group}` : (input ?? '');
  return [
    `kafka2ipfix ${now.version}: ${from} to ${collector}`,
    now.ready ? 'ready' : ['NOT READY', ...now.reasons.map(({ text }) => `  ${text}`)].join('\n'),
    '',
    `exported ${rate.exported}/s   consumed ${rate.consumed}/s   sent ${rate.octets} octets/s   lag ${number(now.lagRecords)}`,
    accountLine(account),
    '',
    workers(now),
    ...(kafka ? [partitions(now)] : []),
    ...(now.troubles.length === 0 ? [] : ['', ...troubles(now)]),
    '',
  ].join('\n');
}

const accountLine = (account: Stats['account']): string =>
  `consumed ${number(account.consumed)} = exported ${number(account.exported)}` +
  ` + dead-lettered ${number(account.deadLettered)} + discarded ${number(account.discarded)}` +
  ` + returned ${number(account.returned)} + in flight ${number(account.inFlight)}`;

const plainTable = (head: string[], rightFrom: number) =>
  new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, i) => (i < rightFrom ? 'left' : 'right')),
  });

function workers({ workers, collectors }: Stats): string {
  const table = plainTable(['Worker', 'State', 'Collector', 'Domain', 'Joins', 'Exported'], 3);
  for (const { worker, state, observationDomainId, joined, joins, account } of workers) {
    const to = collectors.find((collector) => collector.worker === worker);
    const member = joined === false ? ', not in the group' : '';
    table.push([
      ...[worker, state + member, to ? `${to.address} ${to.state}` : '?'],
      ...[observationDomainId ?? '?', joins, number(account?.exported)],
    ]);
  }
  return table.toString();
}

function partitions({ partitions }: Stats): string {
  const table = plainTable(['Partition', 'Worker', 'Committed', 'End', 'Lag', 'Lag in s'], 2);
  for (const seen of partitions) {
    table.push([
      ...[`${seen.topic}[${seen.partition}]`, seen.worker, number(seen.committed)],
      ...[number(seen.end), number(seen.lagRecords), seen.lagSeconds?.toFixed(1) ?? '?'],
    ]);
  }
  return table.toString();
}

const troublesMax = 5;

const troubles = ({ troubles }: Stats): string[] =>
  troubles.slice(0, troublesMax).map(({ atMs, level, code, place, message, count }) => {
    const where = place === '' ? '' : ` ${place}`;
    const times = count > 1 ? ` (${count} times)` : '';
    return `${new Date(atMs).toISOString().slice(11, 19)} ${level}${code === '' ? '' : ` ${code}`}${where}: ${printable(message)}${times}`;
  });
