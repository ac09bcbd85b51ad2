// Times out of text, as a count of whole units since 1970. Digits beyond the unit are cut off: the count
// is the whole number at or below the time.

import { EncodeError } from '../../../ipfix/abstract-type.ts';
import type { ElementSpec, TimeUnit } from '../mapping-spec.ts';

/** Decimal digits of a second that a unit has. */
export const digitsOf: Readonly<Record<TimeUnit, number>> = { s: 0, ms: 3, us: 6, ns: 9 };

// epoch    => count [. digits]
// datetime => YYYY-MM-DD HH:MM:SS [. digits] [[blank] zone]
// iso8601  => YYYY-MM-DDTHH:MM:SS [. digits] [zone]
// zone     => Z | UTC | ±HH [[:] MM]
// In both of them a comma may stand for the dot.
const epoch = /^([+-]?)(\d{1,20})(?:\.(\d{1,18}))?$/;
const date = '(\\d{4})-(\\d\\d)-(\\d\\d)';
const fraction = '(?:[.,](\\d{1,18}))?';
const ownZone = '(Z|UTC|[+-]\\d\\d(?::?\\d\\d)?)';
const datetime = new RegExp(
  `^${date} (\\d\\d):(\\d\\d):(\\d\\d)${fraction}(?: ?${ownZone})?$`,
  'i',
);
const iso8601 = new RegExp(`^${date}T(\\d\\d):(\\d\\d)(?::(\\d\\d)${fraction})?${ownZone}?$`, 'i');

/** How a mapping says to read a time in text. */
interface TimeReading {
  readonly format: ElementSpec['format'];
  readonly zone: string | undefined;
  /** What a number without any other sign counts. */
  readonly unit: TimeUnit | undefined;
}

/**
 * Reads a time in the form that is said; where none is, in the one of the three it has: no text has
 * two of them. A time without a zone of its own is taken in `zone`; a number without a unit is refused.
 * Throws EncodeError.
 */
export function timeFromText(
  text: string,
  { format, zone, unit }: TimeReading,
  to: TimeUnit,
): number | bigint {
  const number = format === undefined || format === 'epoch' ? epoch.exec(text) : null;
  if (number) return sinceEpoch(number, unit ?? (format && 's'), to);
  const found =
    (format === undefined || format === 'datetime' ? datetime.exec(text) : null) ??
    (format === undefined || format === 'iso8601' ? iso8601.exec(text) : null);
  if (found) return clock(found, zone, to);
  const shown = JSON.stringify(text.slice(0, 60));
  throw new EncodeError(
    `${shown} is not a time${format === undefined ? '' : ` of the form ${format}`}`,
  );
}

function sinceEpoch(
  [text, sign, whole, digits = '']: RegExpExecArray,
  unit: TimeUnit | undefined,
  to: TimeUnit,
): number | bigint {
  if (unit === undefined) {
    throw new EncodeError(
      `${JSON.stringify(text)} is a number without a unit; set "unit" in the mapping: s, ms, us or ns`,
    );
  }
  return counted(BigInt(whole!), { digits, isNegative: sign === '-', unit }, to);
}

function clock(found: RegExpExecArray, zone: string | undefined, to: TimeUnit): number | bigint {
  const [text, year, month, day, hour, minute, second = '00', digits = '', own] = found;
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
  if (own !== undefined && zoneFault(own) !== undefined) {
    throw new EncodeError(`${JSON.stringify(text)} has a zone that does not exist`);
  }
  if (at === undefined) {
    throw new EncodeError(`${JSON.stringify(text)} has no zone; set "zone" in the mapping`);
  }
  const seconds = BigInt((ms - offsetMs(ms, at)) / 1000);
  return counted(seconds, { digits, isNegative: false, unit: 's' }, to);
}

/** A count of `unit` with decimal digits as one of `to`: the whole ones at or below it. */
function counted(
  whole: bigint,
  { digits, isNegative, unit }: { digits: string; isNegative: boolean; unit: TimeUnit },
  to: TimeUnit,
): number | bigint {
  const scaled = whole * 10n ** BigInt(digits.length) + BigInt(digits || '0');
  const exponent = digitsOf[to] - digitsOf[unit] - digits.length;
  const exact = floored(isNegative ? -scaled : scaled, exponent);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

/** `value` × 10^`exponent`, rounded down. BigInt's division goes towards zero. */
function floored(value: bigint, exponent: number): bigint {
  if (exponent >= 0) return value * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return (value < 0n ? value - divisor + 1n : value) / divisor;
}

/** A count of `unit` on the wall clock of a zone → since 1970 in UTC. */
export function localToUtc(local: unknown, unit: TimeUnit, zone: string): number | bigint {
  const exact = BigInt(local as number);
  const perMs = 10n ** BigInt(Math.max(0, digitsOf[unit] - 3));
  const ms = unit === 's' ? exact * 1000n : exact / perMs;
  if (Math.abs(Number(ms)) > calendarMs) {
    throw new EncodeError(`${exact} is out of range for a time`);
  }
  const offset = BigInt(offsetMs(Number(ms), zone));
  const shift = unit === 's' ? offset / 1000n : offset * perMs;
  const number = Number(exact - shift);
  return Number.isSafeInteger(number) ? number : exact - shift;
}

const utc = /^(?:UTC|Z)$/i;

/** The farthest moment that a calendar of JavaScript knows, a day and more aside for zones. */
const calendarMs = 8.64e15 - 2 * 86_400_000;

/** What is wrong with the name of a zone; undefined where nothing is. */
export function zoneFault(zone: string): string | undefined {
  if (utc.test(zone) || fixedZone(zone) !== undefined) return undefined;
  try {
    formatterFor(zone);
    return undefined;
  } catch {
    return `"${zone}" is not a zone; write it as UTC, +02:00 or Europe/Zurich`;
  }
}

/**
 * How far a zone's clock is ahead of UTC when it shows `localMs`. Of an hour that comes twice the
 * earlier one is meant; one that is left out in spring does not exist, and is refused.
 */
function offsetMs(localMs: number, zone: string): number {
  if (utc.test(zone)) return 0;
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

// RFC 3339 §5.6: hours up to 23, minutes up to 59.
function fixedZone(zone: string): number | undefined {
  const found = /^([+-])([01]\d|2[0-3])(?::?([0-5]\d))?$/.exec(zone);
  if (!found) return undefined;
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0);
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
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}
