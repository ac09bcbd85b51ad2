// What a traffic profile says, and the parts that several profiles share.

import { networks, type Network } from './flow-networks.ts';
import type { Weighted } from './random.ts';

interface Service {
  readonly transport: 'tcp' | 'udp' | 'icmp';
  /** The server's port; 0 for ICMP. */
  readonly port: number;
  readonly application: string | null;
}

/** One direction of a conversation. */
export interface Volume {
  readonly packetsMedian: number;
  readonly spread: number;
  /** Octets of a packet over IPv4; IPv6's longer header comes on top. */
  readonly packetOctets: readonly [min: number, max: number];
  /** Share of flows that are elephants: gigabytes in one event. */
  readonly elephants?: number;
}

interface DeviceClass {
  /** Third octet of the loopback addresses, second-to-last of the MACs. */
  readonly number: number;
  readonly devices: number;
  readonly samplingRate: number;
}

export interface FlowProfile {
  readonly name: string;
  readonly weight: number;
  readonly ipv6Share: number;
  readonly from: readonly Network[];
  readonly to: readonly Network[];
  readonly services: Weighted<Service>;
  readonly request: Volume;
  /** null: nobody answers. */
  readonly response: Volume | null;
  readonly durationMedianMs: number;
  readonly tcpFlags: Weighted<number>;
  readonly classOfService: Weighted<number | null>;
  readonly vlans: readonly [min: number, max: number] | null;
  /** How many interfaces the meter distinguishes; null: it does not say. */
  readonly interfaces: number | null;
  /** Whether the meter has a routing table: AS numbers and prefix lengths. */
  readonly routed: boolean;
  /** null: metered on a host or by a cloud, which know no device. */
  readonly device: DeviceClass | null;
}

// Union of TCP control bits over a flow.
export const SYN = 0x02;
const complete: Weighted<number> = [
  [80, 0x1b],
  [12, 0x1f],
  [8, 0x18],
];
export const lasting: Weighted<number> = [
  [70, 0x18],
  [30, 0x1b],
];

const edgeRouter: DeviceClass = { number: 1, devices: 6, samplingRate: 1000 };
export const leafSwitch: DeviceClass = { number: 2, devices: 24, samplingRate: 4096 };
export const firewall: DeviceClass = { number: 3, devices: 2, samplingRate: 1 };

const bestEffort: Weighted<number | null> = [
  [90, 0],
  [6, 0x02],
  [4, 0xb8],
];
export const unknown: Weighted<null> = [[1, null]];

export const small: Volume = { packetsMedian: 1, spread: 0.3, packetOctets: [60, 120] };
export const acknowledgements: Volume = { packetsMedian: 9, spread: 1.1, packetOctets: [60, 400] };

export const internet = {
  from: [networks.subscribers],
  vlans: null,
  interfaces: 48,
  routed: true,
  device: edgeRouter,
  classOfService: bestEffort,
  tcpFlags: complete,
};

export const cloudHost = {
  from: [networks.cloud],
  vlans: null,
  interfaces: null,
  routed: false,
  device: null,
  classOfService: unknown,
  tcpFlags: complete,
};

export function tcp(port: number, application: string | null = null): Service {
  return { transport: 'tcp', port, application };
}

export function udp(port: number, application: string | null = null): Service {
  return { transport: 'udp', port, application };
}

export const icmp: Service = { transport: 'icmp', port: 0, application: null };

type IcmpMessage = readonly [type: number, code: number];

export const icmpMessages: Weighted<IcmpMessage> = [
  [80, [8, 0]],
  [9, [3, 1]],
  [6, [3, 3]],
  [5, [11, 0]],
];
export const icmp6Messages: Weighted<IcmpMessage> = [
  [60, [128, 0]],
  [12, [135, 0]],
  [12, [136, 0]],
  [8, [1, 3]],
  [8, [3, 0]],
];
