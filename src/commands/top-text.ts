// What `top` shows of two /stats, one after the other: as one line, or as a screen of a given size.

import type { Stats } from '../http/stats.ts';
import { printable } from './printable.ts';

/** Of a terminal, in characters; both can be infinite. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const number = (value: number | undefined): string =>
  value === undefined ? '?' : whole.format(value);

const isLater = (now: Stats, before: Stats | undefined): before is Stats =>
  before?.startedAtMs === now.startedAtMs && now.atMs > before.atMs;

/** Without a moment before there is no rate. */
function perSecond(now: Stats, before: Stats | undefined, of: (stats: Stats) => number): string {
  if (!isLater(now, before)) return '?';
  return number(((of(now) - of(before)) * 1000) / (now.atMs - before.atMs));
}

const rates = (now: Stats, before: Stats | undefined) => ({
  exported: perSecond(now, before, ({ account }) => account.exported),
  consumed: perSecond(now, before, ({ account }) => account.consumed),
  bad: perSecond(now, before, ({ badEventCount }) => badEventCount),
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

const troublesMax = 3;
const workersMin = 2;

/**
 * At most `rows` lines of at most `columns` characters. What identifies the run, its state, rates and
 * account always come first; the partitions are cut to what fits, those with the largest lag first.
 */
export function topScreen(
  now: Stats,
  before: Stats | undefined,
  { columns, rows }: ScreenSize,
): string[] {
  const top = head(now, before, columns);
  const left = rows - top.length;
  const troubles = troubleLines(now, Number.isFinite(rows) ? troublesMax : Infinity);
  const forTroubles = troubles.length === 0 ? 0 : troubles.length + 1;
  const workers = table(workerHeads, workerRows(now, before), 1, columns);
  const partitions = table(partitionHeads, partitionRows(now), 1, columns);
  // A blank line and the headings go with each table.
  const forWorkers = Math.min(workers.length + 1, Math.max(workersMin + 2, Math.floor(left / 3)));
  const forPartitions = left - forWorkers - forTroubles;
  const lines = [
    ...top,
    '',
    ...cutTable(workers, forWorkers - 1),
    ...(now.kafka ? ['', ...cutTable(partitions, forPartitions - 1)] : []),
    ...(troubles.length === 0 ? [] : ['', ...troubles]),
  ];
  return lines.slice(0, rows).map((line) => cut(line, columns));
}

function head(now: Stats, before: Stats | undefined, columns: number): string[] {
  const { account, kafka, input, collector } = now;
  const rate = rates(now, before);
  const from = kafka ? `${kafka.topics.join(', ')} as ${kafka.group}` : (input ?? '');
  const reasons = [...new Set(now.reasons.map(({ text }) => text))];
  return [
    `kafka2ipfix ${now.version} on ${now.host}: ${from} to ${collector}`,
    ...(now.ready
      ? ['ready']
      : ['NOT READY', ...reasons.flatMap((text) => indented(text, columns))]),
    ...wrapped(
      [
        `exported ${rate.exported}/s`,
        `consumed ${rate.consumed}/s`,
        `bad ${rate.bad}/s`,
        `sent ${rate.octets} B/s`,
        `lag ${number(now.lagRecords)}`,
      ].map((part, i) => (i === 0 ? part : ` ${part}`)),
      columns,
    ),
    ...wrapped(
      [
        `consumed ${number(account.consumed)}`,
        `= exported ${number(account.exported)}`,
        `+ dead-lettered ${number(account.deadLettered)}`,
        `+ discarded ${number(account.discarded)}`,
        `+ returned ${number(account.returned)}`,
        `+ in flight ${number(account.inFlight)}`,
      ],
      columns,
    ),
  ].map(printable);
}

/** Parts with a space between them, broken between parts only. */
function wrapped(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + part.length <= columns) {
      lines[lines.length - 1] = `${last} ${part}`;
    } else lines.push(lines.length === 0 ? part : `  ${part.trimStart()}`);
  }
  return lines;
}

const indented = (text: string, columns: number): string[] =>
  wrapped(
    text.split(' ').map((word, i) => (i === 0 ? `  ${word}` : word)),
    columns,
  );

const workerHeads = ['Worker', 'State', 'Busy', 'Exported', 'Waits for'];

function workerRows(now: Stats, before: Stats | undefined): string[][] {
  return now.workers.map(({ worker, state, account, busyMs, waitingFor }) => {
    const earlier = before?.workers.find((other) => other.worker === worker);
    const share =
      earlier && isLater(now, before) ? (busyMs - earlier.busyMs) / (now.atMs - before.atMs) : NaN;
    const busy = share >= 0 ? `${Math.round(100 * Math.min(1, share))} %` : '?';
    return [`${worker}`, state, busy, number(account?.exported), waitingFor ?? '-'];
  });
}

const partitionHeads = ['Partition', 'Worker', 'Committed', 'End', 'Lag', 'In time'];

function partitionRows({ partitions }: Stats): string[][] {
  const lag = ({ lagRecords = -1 }: (typeof partitions)[number]) => lagRecords;
  return partitions
    .toSorted((a, b) => lag(b) - lag(a))
    .map((seen) => [
      ...[`${seen.topic}[${seen.partition}]`, `${seen.worker}`, number(seen.committed)],
      ...[number(seen.end), number(seen.lagRecords), lagText(seen)],
    ]);
}

/** `≥ 12.3 s` where the true lag may be larger. */
function lagText({ lagSeconds, lagIsLowerBound }: Stats['partitions'][number]): string {
  if (lagSeconds === undefined) return '?';
  return `${lagIsLowerBound ? '≥ ' : ''}${lagSeconds.toFixed(1)} s`;
}

const gap = '  ';
const isFigure = /^(≥ )?[\d,.]+( [%s])?$|^\?$/;

/** The headings and the rows. The column `flexible`, the first, is shortened where all do not fit. */
function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  leftColumns: number,
  columns: number,
): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = heads.map((text, i) =>
    Math.max(text.length, ...cells.map((row) => row[i]!.length)),
  );
  const others = widths.slice(1).reduce((sum, width) => sum + gap.length + width, 0);
  widths[0] = Math.max(heads[0]!.length, Math.min(widths[0]!, columns - others));
  const areFigures = heads.map(
    (_, i) => i >= leftColumns && cells.length > 0 && cells.every((row) => isFigure.test(row[i]!)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((text, i) => {
        const shown = i === 0 ? shortName(text, widths[0]!) : text;
        return areFigures[i] ? shown.padStart(widths[i]!) : shown.padEnd(widths[i]!);
      })
      .join(gap)
      .trimEnd();
  return [line(heads), ...cells.map(line)];
}

/** What tells it from others, the number at its end, stays. */
function shortName(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = /\[\d+\]$/.exec(text)?.[0] ?? '';
  return `${text.slice(0, Math.max(0, width - end.length - 1))}…${end}`;
}

/** The headings and as many rows as there is room for; says how many there are beside. */
function cutTable(lines: readonly string[], linesMax: number): readonly string[] {
  if (lines.length <= linesMax) return lines;
  if (linesMax < 3) return [];
  const shown = lines.slice(0, linesMax - 1);
  return [...shown, `… and ${lines.length - shown.length} more`];
}

/** Between words, where there are any. */
function cut(line: string, columns: number): string {
  if (line.length <= columns) return line;
  const space = line.lastIndexOf(' ', columns - 2);
  return `${line.slice(0, space > columns / 2 ? space + 1 : columns - 1)}…`;
}

const troubleLines = ({ troubles }: Stats, most: number): string[] =>
  troubles.slice(0, most).map(({ atMs, level, code, place, message, count }) => {
    const where = place === '' ? '' : ` ${place}`;
    const times = count > 1 ? ` (${count} times)` : '';
    const time = new Date(atMs).toISOString().slice(11, 19);
    return printable(
      `${time} ${level}${code === '' ? '' : ` ${code}`}${where}: ${message}${times}`,
    );
  });
