// The flow event of schemas/flow-event.avsc as TypeScript sees it, and its Avro type.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import avro, { type Schema, type Type } from 'avsc';

/** The contract's text, with the "ipfix" attributes, which avsc leaves out of what it exports. */
export const flowEventSchema: string = readFileSync(
  // src/demo and dist/demo lie equally deep below the package's root.
  path.join(import.meta.dirname, '..', '..', 'schemas', 'flow-event.avsc'),
  'utf8',
);

export const flowEventType: Type = avro.Type.forSchema(JSON.parse(flowEventSchema) as Schema);

/** Addresses in network order; times in milliseconds since the epoch. */
export interface FlowEvent {
  flowId: number;
  sourceAddress: Buffer;
  destinationAddress: Buffer;
  sourcePort: number;
  destinationPort: number;
  protocol: number;
  octets: number;
  packets: number;
  flowStart: number;
  flowEnd: number;
  tcpFlags: number | null;
  ipClassOfService: number | null;
  ingressInterface: number | null;
  egressInterface: number | null;
  vlanId: number | null;
  sourceAs: number | null;
  destinationAs: number | null;
  sourcePrefixLength: number | null;
  destinationPrefixLength: number | null;
  icmpTypeCode: number | null;
  sourceMac: Buffer | null;
  destinationMac: Buffer | null;
  nextHop: Buffer | null;
  flowDirection: number | null;
  flowEndReason: number | null;
  exporterAddress: Buffer | null;
  samplingRate: number | null;
  applicationName: string | null;
}
