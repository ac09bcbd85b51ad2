// Times out of text, as a count of whole units since 1970. Digits beyond the unit are cut off.

import { EncodeError } from '../ipfix/abstract-type.ts';
import type { ElementSpec, TimeUnit } from './mapping-spec.ts';

const digitsOf: Readonly<Record<TimeUnit, number>> = { s: 0, ms: 3, us: 6, ns: 9 };

// epoch    => seconds [. digits]
// datetime => YYYY-MM-DD HH:MM:SS [. digits]
// iso8601  => YYYY-MM-DDTHH:MM:SS [. digits] [Z | ±HH:MM]; a comma may stand for the dot
const epoch = /^(-?\d{1,15})(?:\.(\d{1,18}))?$/;
const datetime = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?$/;
const iso8601 =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,18}))?)?(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * Reads a time in the form that is said; where none is, in the one of the three it has: no text has
 * two of them. A time without a zone of its own is taken in `zone`. Throws EncodeError.
 */
export function timeFromText(
  text: string,
  { format, zone }: Pick<ElementSpec, 'format' | 'zone'>,
  unit: TimeUnit,
): number | bigint {
  const count =
    format === 'epoch'
      ? seconds(text, unit)
      : format === 'datetime'
        ? clock(datetime.exec(text), zone, unit)
        : format === 'iso8601'
          ? clock(iso8601.exec(text), zone, unit)
          : (seconds(text, unit) ?? clock(datetime.exec(text) ?? iso8601.exec(text), zone, unit));
  if (count !== undefined) return count;
  const shown = JSON.stringify(text.slice(0, 60));
  throw new EncodeError(
    `${shown} is no time${format === undefined ? '' : ` of the form ${format}`}`,
  );
}

function seconds(text: string, unit: TimeUnit): number | bigint | undefined {
  const found = epoch.exec(text);
  if (!found) return undefined;
  const [, whole, fraction = ''] = found;
  return counted(BigInt(whole!), fraction, unit);
}

function clock(
  found: RegExpExecArray | null,
  zone: string | undefined,
  unit: TimeUnit,
): number | bigint | undefined {
  if (!found) return undefined;
  const [text, year, month, day, hour, minute, second = '00', fraction = '', own] = found;
  const ms = Date.UTC(
    ...([Number(year), Number(month) - 1, Number(day)] as const),
    ...([Number(hour), Number(minute), Number(second)] as const),
  );
  // JavaScript takes the 31st of February for the 3rd of March, and 25 o'clock for the next day.
  const wanted = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (!new Date(ms).toISOString().startsWith(wanted)) {
    throw new EncodeError(`${JSON.stringify(text)} is a time that does not exist`);
  }
  const at = own?.toUpperCase() ?? zone;
  if (at === undefined) {
    throw new EncodeError(`${JSON.stringify(text)} has no zone; say "zone" in the mapping`);
  }
  return counted(BigInt((ms - offsetMs(ms, at)) / 1000), fraction, unit);
}

function counted(wholeS: bigint, fraction: string, unit: TimeUnit): number | bigint {
  const digits = digitsOf[unit];
  const part = BigInt(fraction.slice(0, digits).padEnd(digits, '0') || '0');
  const factor = 10n ** BigInt(digits);
  const exact = wholeS * factor + (wholeS < 0n ? -part : part);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

/** A count of `unit` on the wall clock of a zone → since 1970 in UTC. */
export function localToUtc(local: unknown, unit: TimeUnit, zone: string): number | bigint {
  const exact = BigInt(local as number);
  const perMs = 10n ** BigInt(Math.max(0, digitsOf[unit] - 3));
  const ms = unit === 's' ? exact * 1000n : exact / perMs;
  const offset = BigInt(offsetMs(Number(ms), zone));
  const shift = unit === 's' ? offset / 1000n : offset * perMs;
  const number = Number(exact - shift);
  return Number.isSafeInteger(number) ? number : exact - shift;
}

/** What is wrong with the name of a zone; undefined where nothing is. */
export function zoneFault(zone: string): string | undefined {
  if (zone.toUpperCase() === 'UTC' || fixedZone(zone) !== undefined) return undefined;
  try {
    formatterFor(zone);
    return undefined;
  } catch {
    return `"${zone}" is no zone; write it as UTC, +02:00 or Europe/Zurich`;
  }
}

/**
 * How far a zone's clock is ahead of UTC when it shows `localMs`. Of an hour that comes twice the
 * earlier one is meant; one that is left out in spring does not exist, and is refused.
 */
function offsetMs(localMs: number, zone: string): number {
  if (zone === 'Z' || zone.toUpperCase() === 'UTC') return 0;
  const fixed = fixedZone(zone);
  if (fixed !== undefined) return fixed;
  const before = zoneOffsetMs(zone, localMs - dayMs);
  const after = zoneOffsetMs(zone, localMs + dayMs);
  for (const offset of before === after
    ? [before]
    : [Math.max(before, after), Math.min(before, after)]) {
    if (zoneOffsetMs(zone, localMs - offset) === offset) return offset;
  }
  const local = new Date(localMs).toISOString().slice(0, 19);
  throw new EncodeError(`the clocks of ${zone} never show ${local}`);
}

const dayMs = 86_400_000;
const quarterHourMs = 900_000;

function fixedZone(zone: string): number | undefined {
  const found = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (!found) return undefined;
  const minutes = Number(found[2]) * 60 + Number(found[3]);
  return (found[1] === '-' ? -minutes : minutes) * 60_000;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
/** By zone and quarter of an hour: clocks are changed at no other times, and Intl is slow. */
const offsets = new Map<string, number>();
const offsetsMax = 10_000;

function zoneOffsetMs(zone: string, utcMs: number): number {
  const quarter = Math.floor(utcMs / quarterHourMs);
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const shown = formatterFor(zone).formatToParts(quarter * quarterHourMs);
  const part = (type: string) => Number(shown.find((one) => one.type === type)?.value);
  const local = Date.UTC(
    ...([part('year'), part('month') - 1, part('day')] as const),
    ...([part('hour'), part('minute'), part('second')] as const),
  );
  const offset = local - quarter * quarterHourMs;
  if (offsets.size >= offsetsMax) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

function formatterFor(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' },
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}
