// What tshark shows of an element, found by the place of its octets: so no list of tshark's names.

import type { Place } from './element-records.ts';
import type { Field } from './element-case.ts';
import type { TsharkField } from './tshark.ts';

/** IPv4's and UDP's headers, as writePcap makes them up. */
const headerOctets = 20 + 8;

/** Of what it does not know by name, and of every list, it shows the octets. */
const isUnread = ({ name }: TsharkField, { element: { type } }: Field): boolean =>
  name === 'cflow.enterprise_private_entry' || type.endsWith('List');

/** What tshark makes of other fields by itself. */
const isDerived = ({ name }: TsharkField): boolean => /timedelta|string_len/.test(name);

export function tsharkText(
  fields: readonly TsharkField[],
  field: Field & Place,
): string | undefined {
  const start = headerOctets + field.at;
  const parts = fields.filter(
    (part) => part.at >= start && part.at < start + field.octets && !isDerived(part),
  );
  const [first] = parts;
  if (!first || isUnread(first, field)) return undefined;
  return together[field.element.name]?.(parts) ?? plain(field, first.shown);
}

const number = (parts: readonly TsharkField[], name: RegExp): number =>
  Number(parts.find((part) => name.test(part.name))?.shown);

/** Elements that it shows in several parts. */
const together: Partial<Record<string, (parts: readonly TsharkField[]) => string>> = {
  icmpTypeCodeIPv6: (parts) => String(number(parts, /type/) * 256 + number(parts, /code/)),
  forwardingStatus: (parts) => String(number(parts, /status$/) * 64 + number(parts, /code$/)),
  applicationId: (parts) => {
    const engine = number(parts, /engine/)
      .toString(16)
      .padStart(2, '0');
    return engine + colonless(parts[1]?.shown ?? '');
  },
  mplsTopLabelStackSection: (parts) => {
    const [label, bits, bottom] = [/label/, /exp/, /bos/].map((name) => number(parts, name));
    return ((label! << 4) | (bits! << 1) | bottom!).toString(16).padStart(6, '0');
  },
};

const colonless = (text: string): string => text.replaceAll(':', '');

function plain({ element: { type } }: Field, shown: string): string {
  if (type.startsWith('dateTime')) return timeText(shown);
  if (type === 'boolean') return shown === '1' ? 'true' : 'false';
  if (type === 'octetArray') return colonless(shown);
  return /^0x[\da-f]+$/.test(shown) ? String(BigInt(shown)) : shown;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 14, 2023 22:13:20.123000000 UTC` */
function timeText(shown: string): string {
  const [, month = '', day = '', year = '', clock = ''] =
    /^(\w{3}) +(\d+), (\d+) ([\d:.]+) UTC$/.exec(shown) ?? [];
  const two = (n: number | string) => String(n).padStart(2, '0');
  return clock === '' ? shown : `${year}-${two(months.indexOf(month) + 1)}-${two(day)}T${clock}`;
}
