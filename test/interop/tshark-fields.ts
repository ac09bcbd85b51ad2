// A flow event as tshark shows it. Names and forms are tshark's; what null becomes is read from the
// contract's own "ipfix" attributes, never from the stage's mapping.

import { type FlowEvent, flowEventSchema } from '../../src/generator/flow-event.ts';
import { ipv6Text } from './element-text.ts';

type FieldName = keyof FlowEvent;
type Show = (value: never) => string;

interface Field {
  /** tshark's name, or both where it has one for each IP version of the flow. */
  readonly shown: string | readonly [ipv4: string, ipv6: string];
  readonly as: Show;
}

const number = (value: number): string => String(value);
const hex =
  (digits: number): Show =>
  (value: number) =>
    `0x${value.toString(16).padStart(digits, '0')}`;
const mac = (octets: Buffer): string => octets.toString('hex').replace(/..\B/g, '$&:');
const text = (value: string): string => value;

const address = (octets: Buffer): string =>
  octets.length === 4 ? octets.join('.') : ipv6Text(octets);

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Jan  1, 2026 00:00:00.046000000 UTC` */
function time(ms: number): string {
  const at = new Date(ms);
  const day = String(at.getUTCDate()).padStart(2);
  const clock = at.toISOString().slice(11, 23);
  return `${months[at.getUTCMonth()]!} ${day}, ${at.getUTCFullYear()} ${clock}000000 UTC`;
}

const icmp6Type = 'cflow.icmp_ipv6_type';
const icmp6Code = 'cflow.icmp_ipv6_code';

const fields: Record<FieldName, Field> = {
  flowId: { shown: 'cflow.flow_id', as: number },
  sourceAddress: { shown: ['cflow.srcaddr', 'cflow.srcaddrv6'], as: address },
  destinationAddress: { shown: ['cflow.dstaddr', 'cflow.dstaddrv6'], as: address },
  sourcePort: { shown: 'cflow.srcport', as: number },
  destinationPort: { shown: 'cflow.dstport', as: number },
  protocol: { shown: 'cflow.protocol', as: number },
  octets: { shown: 'cflow.octets', as: number },
  packets: { shown: 'cflow.packets', as: number },
  flowStart: { shown: 'cflow.abstimestart', as: time },
  flowEnd: { shown: 'cflow.abstimeend', as: time },
  tcpFlags: { shown: 'cflow.tcpflags', as: hex(2) },
  ipClassOfService: { shown: 'cflow.tos', as: hex(2) },
  ingressInterface: { shown: 'cflow.inputint', as: number },
  egressInterface: { shown: 'cflow.outputint', as: number },
  vlanId: { shown: 'cflow.vlanid', as: number },
  sourceAs: { shown: 'cflow.srcas', as: number },
  destinationAs: { shown: 'cflow.dstas', as: number },
  sourcePrefixLength: { shown: ['cflow.srcmask', 'cflow.srcmaskv6'], as: number },
  destinationPrefixLength: { shown: ['cflow.dstmask', 'cflow.dstmaskv6'], as: number },
  // Its octets in two fields where the flow is IPv6: see below.
  icmpTypeCode: { shown: ['cflow.icmp_type_code_ipv4', icmp6Type], as: hex(4) },
  sourceMac: { shown: 'cflow.srcmac', as: mac },
  destinationMac: { shown: 'cflow.dstmac', as: mac },
  nextHop: { shown: ['cflow.nexthop', 'cflow.nexthopv6'], as: address },
  flowDirection: { shown: 'cflow.direction', as: number },
  flowEndReason: { shown: 'cflow.flow_end_reason', as: number },
  exporterAddress: { shown: 'cflow.original_exporter_ipv4_address', as: address },
  samplingRate: { shown: 'cflow.sampling_interval', as: number },
  applicationName: { shown: 'cflow.appl_name', as: text },
};

export const fieldNames = Object.keys(fields) as FieldName[];

/** What tshark makes of other fields by itself. */
const derived = /^cflow\.(?:timedelta|tcpflags\..*|string_len_(?:short|long))$/;

interface SchemaField {
  readonly name: string;
  readonly ipfix: string | { readonly null?: unknown };
}

const schemaFields = (JSON.parse(flowEventSchema) as { fields: SchemaField[] }).fields;
const nullMeanings = new Map(
  schemaFields.map(({ name, ipfix }) => [name, typeof ipfix === 'string' ? undefined : ipfix.null]),
);

/** The contract says of these alone what null means. */
export const nullableFieldNames = fieldNames.filter((name) => nullMeanings.get(name) !== undefined);

/** tshark's name → what it must show; a field that is skipped, or an empty text, is not there. */
export function shownByTshark(event: FlowEvent): Map<string, string> {
  const version = event.sourceAddress.length === 4 ? 0 : 1;
  const shown = new Map<string, string>();
  for (const name of fieldNames) {
    const field = fields[name];
    if (event[name] === null && nullMeanings.get(name) === 'omit') continue;
    const value = event[name] ?? nullMeanings.get(name);
    // tshark has no line for a text of no octets.
    if (value === '') continue;
    const key = typeof field.shown === 'string' ? field.shown : field.shown[version];
    shown.set(key, field.as(value as never));
  }
  if (version === 1 && event.icmpTypeCode !== null) {
    shown.set(icmp6Type, number(event.icmpTypeCode >> 8));
    shown.set(icmp6Code, number(event.icmpTypeCode & 0xff));
  }
  return shown;
}

/** tshark's name of a field and what it shows for a value there, in a flow of IPv4. */
export function shownField(name: FieldName, value: unknown): readonly [string, string] {
  const { shown, as } = fields[name];
  return [typeof shown === 'string' ? shown : shown[0], as(value as never)];
}

/** One line for each field that differs; none when the record is the event. */
export function differences(event: FlowEvent, record: ReadonlyMap<string, string>): string[] {
  return recordDifferences(`flow ${event.flowId}`, shownByTshark(event), record);
}

/** One line for each field that is not as it must be shown. */
export function recordDifferences(
  flow: string,
  expected: ReadonlyMap<string, string>,
  record: ReadonlyMap<string, string>,
): string[] {
  const names = new Set([...expected.keys(), ...record.keys()]);
  return [...names].flatMap((name) => {
    const wanted = expected.get(name);
    const seen = record.get(name);
    if (wanted === seen || derived.test(name)) return [];
    const [was, should] = [seen ?? 'not there', wanted ?? 'not there'];
    return [`${flow}: ${name} is ${was}, expected ${should}`];
  });
}
