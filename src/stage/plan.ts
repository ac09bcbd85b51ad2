// What the Workers of a process receive: their Messages' room, domains, ports and limits.

import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname, type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { broadcastProblem } from '../config/collector-setting.ts';
import { ConfigError, type Config } from '../config/config.ts';
import { fixedOctets, templateRecordOctets } from '../ipfix/template.ts';
import { messageHeaderOctets, setHeaderOctets } from '../ipfix/message.ts';
import { recordRoom } from '../pipeline/frames/frame.ts';
import type { MappedField } from '../pipeline/mapping/mapped-field.ts';
import type { Mapping } from '../pipeline/mapping/mapping.ts';
import { effectivePathMtu, headerOctets, type Route } from '../pipeline/sending/path-mtu.ts';
import { Shapes } from '../pipeline/templates/shapes.ts';

export interface Plan {
  /** Undefined where the collector is a file, as the path MTU is. */
  readonly route: Route | undefined;
  readonly pathMtu: number | undefined;
  /** That are tried, in this order; where the collector is a file, none. */
  readonly addresses: readonly string[];
  /** Of the addresses that the collector's name stands for, those of these versions are tried. */
  readonly families: readonly (4 | 6)[];
  /**
   * The maximum length of a Message in octets: the path MTU less IP and UDP headers, whichever address it goes to; in
   * a file, all it can have.
   */
  readonly messageOctetsMax: number;
  /** The Observation Domain ID of Worker 0; Worker i adds i. */
  readonly observationDomainId: number;
  /** The maximum number of events in flight in each Worker, and in one Delivery. */
  readonly inFlightEvents: number;
  readonly deliveryEvents: number;
  readonly rateLimit: { readonly ratePerSecond: number; readonly burst: number } | undefined;
}

/** Throws ConfigError where the settings do not fit the collector's route or this host. */
export function planFor(
  config: Config,
  mappings: readonly Mapping[],
  route: Route | undefined,
  hostName = hostname(),
): Plan {
  const routes = route ? usable([route, ...(route.others ?? [])], config.SOURCE_ADDRESS) : [];
  checkBroadcasts(routes);
  const pathMtu = routes[0] && pathMtuOf(config, routes[0]);
  const records = mappings.flatMap(recordsOf);
  const { messageOctetsMax, families } = roomFor(config, records, routes);
  const limit = route ? 'PATH_MTU' : 'COLLECTORS';
  for (const fields of records) checkRoom(fields, messageOctetsMax, limit);
  return {
    route: routes[0],
    pathMtu,
    messageOctetsMax,
    families,
    addresses: routes.flatMap(({ address, family }) => (families.includes(family) ? address : [])),
    observationDomainId: domainOf(config.OBSERVATION_DOMAIN_ID, hostName),
    ...eventBounds(config),
    rateLimit: rateLimitOf(config, messageOctetsMax),
  };
}

function pathMtuOf(config: Config, route: Route): number {
  const pathMtu = effectivePathMtu(config.PATH_MTU, route);
  const { interfaceMtu } = route;
  if (interfaceMtu !== undefined && pathMtu > interfaceMtu) {
    const problem =
      `${pathMtu} is above the outgoing interface's MTU of ${interfaceMtu}: Messages would be ` +
      `fragmented; lower it, or set it to auto`;
    throw new ConfigError([{ where: 'PATH_MTU', problem }]);
  }
  return pathMtu;
}

// A Message is made before it is known which address it goes to. With one of each version IPv6's longer
// header counts, unless it leaves too little for the mapping: then only the first one's version is used.
function roomFor(
  config: Config,
  records: readonly (readonly MappedField[])[],
  routes: readonly Route[],
): Pick<Plan, 'messageOctetsMax' | 'families'> {
  if (routes.length === 0) return { messageOctetsMax: messageLengthMax, families: [] };
  const roomOf = (some: readonly Route[]) =>
    Math.min(...some.map((one) => pathMtuOf(config, one) - headerOctets(one.family)));
  const families = [...new Set(routes.map(({ family }) => family))];
  const messageOctetsMax = roomOf(routes);
  const [first] = families;
  if (
    families.length === 1 ||
    records.every((fields) => misfit(fields, messageOctetsMax) === undefined)
  ) {
    return { messageOctetsMax, families };
  }
  const ofFirst = routes.filter(({ family }) => family === first);
  return { messageOctetsMax: roomOf(ofFirst), families: [first!] };
}

// What is sent to all hosts of a link is refused by none of them.
function checkBroadcasts(routes: readonly Route[]): void {
  for (const own of Object.values(networkInterfaces()).flat()) {
    if (own?.family !== 'IPv4') continue;
    const broadcast = broadcastOf(own);
    const met = routes.find(({ address }) => address === broadcast && address !== own.address);
    if (!met) continue;
    throw new ConfigError([{ where: 'COLLECTORS', problem: broadcastProblem(met.address) }]);
  }
}

/** The last address of an interface's network, where it has more than two (RFC 3021). */
function broadcastOf({ address, netmask }: NetworkInterfaceInfo): string | undefined {
  const own = address.split('.').map(Number);
  const mask = netmask.split('.').map(Number);
  if (mask[3]! >= 254) return undefined;
  return own.map((octet, i) => (octet | ~mask[i]!) & 0xff).join('.');
}

/** Those that SOURCE_ADDRESS can be sent from and, among them, that there is a way to; else all. */
function usable(routes: readonly Route[], sourceAddress: string | undefined): readonly Route[] {
  const version = sourceAddress === undefined ? 0 : isIP(sourceAddress);
  const own = version === 0 ? routes : routes.filter(({ family }) => family === version);
  const candidates = own.length > 0 ? own : routes;
  const reachable = candidates.filter(({ interfaceMtu }) => interfaceMtu !== undefined);
  return reachable.length > 0 ? reachable : candidates;
}

/** RFC 7011 §3.1: the Length field has 16 bits, and a file no MTU. */
const messageLengthMax = 65_535;

/** Painted and settled in one turn of the event loop. */
const deliveryEventsMax = 1000;
/** Under a rate limit no more is read ahead than leaves in this time. */
const aheadMaxMs = 2_000;

// What is still in flight when a drain has to end comes twice, so it must be able to leave in half
// of the time that a drain may take.
function eventBounds(config: Config): Pick<Plan, 'inFlightEvents' | 'deliveryEvents'> {
  const rate = config.EXPORT_RATE_LIMIT;
  if (rate === undefined) return { inFlightEvents: Infinity, deliveryEvents: deliveryEventsMax };
  const drainMs = Math.min(config.KAFKA_DRAIN_TIMEOUT, config.SHUTDOWN_TIMEOUT);
  const aheadMs = Math.min(aheadMaxMs, drainMs / 2) + config.CONFIRM_WINDOW;
  return {
    inFlightEvents: Math.ceil((rate * aheadMs) / 1000),
    deliveryEvents: Math.min(deliveryEventsMax, Math.max(10, Math.ceil(rate / 4))),
  };
}

/** Domains for each ordinal: more than a process may have Workers. */
const domainsPerHost = 256;
/** Half of all ranges are for host names with a number at their end, half for all others. */
const ordinalsMax = 2 ** 23;

function domainOf(setting: number | 'auto', hostName: string): number {
  if (setting !== 'auto') return setting;
  const ordinal = Number(/-(\d{1,7})$/.exec(hostName)?.[1] ?? Infinity);
  const number = ordinal < ordinalsMax ? ordinal : ordinalsMax + hashOf(hostName);
  return number * domainsPerHost + 1;
}

/** 23 bits: of a hundred hosts two have the same with a probability of 1 in 1,700. */
const hashOf = (hostName: string): number =>
  createHash('sha256').update(hostName).digest().readUInt32BE() % ordinalsMax;

function rateLimitOf(config: Config, messageOctetsMax: number): Plan['rateLimit'] {
  const ratePerSecond = config.EXPORT_RATE_LIMIT;
  if (ratePerSecond === undefined) return undefined;
  // A fiftieth of a second, yet a Message's worth: what the timers can follow.
  const burst =
    config.EXPORT_BURST ?? Math.max(Math.ceil(ratePerSecond / 50), messageOctetsMax / 32);
  return { ratePerSecond, burst };
}

/** How many Templates are known before any event. */
export const templatesKnown = (mappings: readonly Mapping[]): number =>
  mappings.flatMap(recordsOf).reduce((sum, fields) => sum + new Shapes(fields).known.length, 0);

const recordsOf = ({ forward, reverse }: Mapping) =>
  reverse ? [forward, reverse.fields] : [forward];

// A Template or its least Data Record that no Message can carry is a fault of the settings.
function checkRoom(
  fields: readonly MappedField[],
  messageOctetsMax: number,
  where: 'PATH_MTU' | 'COLLECTORS',
): void {
  const found = misfit(fields, messageOctetsMax);
  if (!found) return;
  const problem =
    `leaves Messages of ${messageOctetsMax} octets, too short for the records of the mapping ` +
    `(${found.record} octets) or Templates (${found.told}); ` +
    (where === 'PATH_MTU' ? 'raise it or map fewer fields' : 'map fewer fields');
  throw new ConfigError([{ where, problem }]);
}

/** The first Template that is too long, or whose records are. */
function misfit(fields: readonly MappedField[], messageOctetsMax: number) {
  for (const { template } of new Shapes(fields).known) {
    const record = fixedOctets(template.fields);
    const told = templateRecordOctets(template.fields) + messageHeaderOctets + setHeaderOctets;
    if (record > recordRoom(messageOctetsMax) || told > messageOctetsMax) return { record, told };
  }
  return undefined;
}
