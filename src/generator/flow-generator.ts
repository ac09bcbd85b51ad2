// Draws flow events from the traffic profiles: equal seeds give equal events. Metering is the
// profile's business, drawing is this file's; nothing here knows Kafka or files.

import { hostAddress, type Network } from './flow-networks.ts';
import type { FlowEvent } from './flow-event.ts';
import { icmp6Messages, icmpMessages, type FlowProfile, type Volume } from './flow-profile.ts';
import { flowProfiles } from './flow-profiles.ts';
import { Random } from './random.ts';

export interface FlowGeneratorOptions {
  readonly seed: number;
  /** flowId of the first event; each further one is one higher. */
  readonly firstId?: number;
  /** When the first flow ends. Fixed unless given, so that equal seeds give equal octets. */
  readonly startMs?: number;
}

const START_MS = Date.UTC(2026, 0, 1);
/** Devices report a flow that lasts longer in parts. */
const ACTIVE_TIMEOUT_MS = 120_000;
/** A 100 Gbit/s link carries about this many full packets within the active timeout. */
const PACKETS_MAX = 1e9;

const PROTOCOL = { tcp: 6, udp: 17, icmp: 1, icmp6: 58 } as const;

const weightedProfiles = flowProfiles.map((profile) => [profile.weight, profile] as const);

/** One end of a conversation. */
interface Endpoint {
  readonly address: Buffer;
  readonly prefixLength: number;
  readonly as: number | null;
  readonly port: number;
}

type IpVersion = 4 | 6;
type DeviceFields = Pick<
  FlowEvent,
  | 'sourceMac'
  | 'destinationMac'
  | 'nextHop'
  | 'flowDirection'
  | 'flowEndReason'
  | 'exporterAddress'
  | 'samplingRate'
>;

export class FlowGenerator {
  readonly #random: Random;
  #nextId: number;
  #nowMs: number;
  #profileName = '';

  constructor(options: FlowGeneratorOptions) {
    this.#random = new Random(options.seed);
    this.#nextId = options.firstId ?? 1;
    this.#nowMs = options.startMs ?? START_MS;
  }

  /** The profile of the latest event. */
  get profileName(): string {
    return this.#profileName;
  }

  next(): FlowEvent {
    const random = this.#random;
    const profile = random.pickWeighted(weightedProfiles);
    this.#profileName = profile.name;
    const ipVersion: IpVersion = random.chance(profile.ipv6Share) ? 6 : 4;
    const service = random.pickWeighted(profile.services);
    const isIcmp = service.transport === 'icmp';
    const icmp = isIcmp
      ? random.pickWeighted(ipVersion === 4 ? icmpMessages : icmp6Messages)
      : null;

    const clientPort = isIcmp ? 0 : random.integer(1024, 65_535);
    const client = this.#endpoint(random.pick(profile.from), ipVersion, clientPort);
    const server = this.#endpoint(random.pick(profile.to), ipVersion, service.port);
    const answer = profile.response !== null && random.chance(0.5) ? profile.response : null;
    const [source, destination] = answer ? [server, client] : [client, server];

    const { packets, octets } = this.#volume(answer ?? profile.request, ipVersion);
    const durationMs = packets === 1 ? 0 : this.#durationMs(profile.durationMedianMs);
    // About ten thousand flows end in each second.
    if (random.chance(0.1)) this.#nowMs++;
    const tcpFlags = service.transport === 'tcp' ? random.pickWeighted(profile.tcpFlags) : null;

    return {
      flowId: this.#nextId++,
      sourceAddress: source.address,
      destinationAddress: destination.address,
      sourcePort: source.port,
      destinationPort: destination.port,
      protocol: isIcmp && ipVersion === 6 ? PROTOCOL.icmp6 : PROTOCOL[service.transport],
      octets,
      packets,
      flowStart: this.#nowMs - durationMs,
      flowEnd: this.#nowMs,
      tcpFlags,
      ipClassOfService: random.pickWeighted(profile.classOfService),
      ingressInterface: this.#interface(profile),
      egressInterface: this.#interface(profile),
      vlanId: profile.vlans === null ? null : random.integer(...profile.vlans),
      sourceAs: profile.routed ? source.as : null,
      destinationAs: profile.routed ? destination.as : null,
      sourcePrefixLength: profile.routed ? source.prefixLength : null,
      destinationPrefixLength: profile.routed ? destination.prefixLength : null,
      icmpTypeCode: icmp === null ? null : icmp[0] * 256 + icmp[1],
      ...this.#device(profile, ipVersion, durationMs, tcpFlags),
      applicationName: service.application,
    };
  }

  #endpoint(network: Network, ipVersion: IpVersion, port: number): Endpoint {
    const prefix = ipVersion === 4 ? network.v4 : network.v6;
    // Squared: a few hosts have most of the flows.
    const host = Math.floor(50_000 * this.#random.float() ** 2);
    const address = hostAddress(prefix, host);
    return { address, prefixLength: prefix.length, as: network.as, port };
  }

  #volume(volume: Volume, ipVersion: IpVersion): { packets: number; octets: number } {
    const random = this.#random;
    const drawn = random.chance(volume.elephants ?? 0)
      ? random.pareto(2e6, 1.1)
      : random.logNormal(volume.packetsMedian, volume.spread);
    const packets = Math.min(Math.max(Math.round(drawn), 1), PACKETS_MAX);
    const packetOctets = random.integer(...volume.packetOctets) + (ipVersion === 6 ? 20 : 0);
    return { packets, octets: packets * packetOctets };
  }

  #durationMs(medianMs: number): number {
    return Math.min(Math.round(this.#random.logNormal(medianMs, 1.2)), ACTIVE_TIMEOUT_MS);
  }

  #interface(profile: FlowProfile): number | null {
    return profile.interfaces === null ? null : this.#random.integer(1, profile.interfaces);
  }

  /** All of the group "device" or none of it. */
  #device(
    profile: FlowProfile,
    ipVersion: IpVersion,
    durationMs: number,
    tcpFlags: number | null,
  ): DeviceFields {
    if (profile.device === null) return noDevice;
    const random = this.#random;
    const { number, devices, samplingRate } = profile.device;
    const device = random.integer(1, devices);
    const neighbour = random.integer(1, 8);
    const nextHop =
      ipVersion === 4
        ? Buffer.from([10, 254, number, neighbour])
        : Buffer.from([0x20, 1, 0x0d, 0xb8, 0xff, 0xff, 0, number, 0, 0, 0, 0, 0, 0, 0, neighbour]);
    return {
      // Locally administered addresses, so that no real device has them.
      sourceMac: Buffer.from([2, 0, 0x5e, number, device, random.integer(16, 255)]),
      destinationMac: Buffer.from([2, 0, 0x5e, number, device, neighbour]),
      nextHop,
      flowDirection: random.chance(0.8) ? 0 : 1,
      flowEndReason: endReason(durationMs, tcpFlags),
      exporterAddress: Buffer.from([10, 255, number, device]),
      samplingRate,
    };
  }
}

const noDevice: DeviceFields = {
  sourceMac: null,
  destinationMac: null,
  nextHop: null,
  flowDirection: null,
  flowEndReason: null,
  exporterAddress: null,
  samplingRate: null,
};

/** RFC 5102's flowEndReason: 1 idle timeout, 2 active timeout, 3 end of flow detected. */
function endReason(durationMs: number, tcpFlags: number | null): number {
  if (durationMs >= ACTIVE_TIMEOUT_MS) return 2;
  const FIN_OR_RST = 0x05;
  return tcpFlags !== null && (tcpFlags & FIN_OR_RST) !== 0 ? 3 : 1;
}
