// The events that are read in every row: flows of nine fields over IPv4, 45 octets in a Data Record.

import { writeFileSync } from 'node:fs';
import avro from 'avsc';

const address = (name: string) => ({ type: 'fixed', name, size: 4 });

export const flowSchema = {
  type: 'record',
  name: 'Flow',
  fields: [
    { name: 'sourceIPv4Address', type: address('Source') },
    { name: 'destinationIPv4Address', type: address('Destination') },
    { name: 'sourceTransportPort', type: 'int' },
    { name: 'destinationTransportPort', type: 'int' },
    { name: 'protocolIdentifier', type: 'int' },
    { name: 'octetDeltaCount', type: 'long' },
    { name: 'packetDeltaCount', type: 'long' },
    { name: 'flowStartMilliseconds', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'flowEndMilliseconds', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
} as const;

export const flowType = avro.Type.forSchema(flowSchema as unknown as avro.Schema);
/** A flow as avsc takes it, and gives it back. */
export interface Flow {
  readonly sourceIPv4Address: Buffer;
  readonly destinationIPv4Address: Buffer;
  readonly sourceTransportPort: number;
  readonly destinationTransportPort: number;
  readonly protocolIdentifier: number;
  readonly octetDeltaCount: number;
  readonly packetDeltaCount: number;
  readonly flowStartMilliseconds: number;
  readonly flowEndMilliseconds: number;
}

export const schemaId = 7;

/** Flows as a topic holds them: under which schema, and with what beside the nine fields. */
export interface Layout {
  readonly schemaId: number;
  readonly schema: object;
  readonly more: (i: number) => object;
}

export const nineFields: Layout = { schemaId, schema: flowSchema, more: () => ({}) };

const withFields = (fields: readonly object[]) => ({
  ...flowSchema,
  fields: [...flowSchema.fields, ...fields],
});
const orNull = [
  ...['ingressInterface', 'egressInterface', 'bgpSourceAsNumber', 'bgpDestinationAsNumber'],
  ...['ipClassOfService', 'vlanId'],
];

/** Six fields more that may be null: one Template after the other, by which of them are. */
export const templatesInTurn = (templates: number): Layout => ({
  schemaId: 8,
  schema: withFields(orNull.map((name) => ({ name, type: ['null', 'int'], default: null }))),
  more: (i) =>
    Object.fromEntries(
      orNull.map((name, bit) => [name, ((i % templates) >> bit) & 1 ? bit + 1 : null]),
    ),
});

/** One field more, of 6 to 9 octets. */
export const variableLength: Layout = {
  schemaId: 9,
  schema: withFields([{ name: 'interfaceName', type: 'string' }]),
  more: (i) => ({ interfaceName: `port ${i % 1_500}` }),
};

export const layouts = [nineFields, templatesInTurn(1), variableLength];
/** octetDeltaCount: what the receiver adds up. */
export const summedElement = 1;
/** So many differ; a topic repeats them. */
export const distinctFlows = 100_000;

const startMs = Date.UTC(2026, 6, 1);

/** A small generator of its own (xorshift), so that the events are the same everywhere. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Writes the values, each behind its length, and returns the sums of octets up to each of them. */
export function writeFlows(
  file: string,
  { schemaId, schema, more }: Layout,
): { readonly sumOf: (records: number) => bigint } {
  const type = avro.Type.forSchema(schema as avro.Schema);
  const nextFlow = randomFlows(20_260_701);
  const sums: bigint[] = [0n];
  const chunks: Buffer[] = [];
  for (let i = 0; i < distinctFlows; i += 1) {
    const flow = nextFlow(startMs + i);
    sums.push(sums[i]! + BigInt(flow.octetDeltaCount));
    const datum = type.toBuffer({ ...flow, ...more(i) });
    const head = Buffer.alloc(7);
    head.writeUInt16BE(datum.length + 5, 0);
    head.writeUInt32BE(schemaId, 3);
    chunks.push(head, datum);
  }
  writeFileSync(file, Buffer.concat(chunks));
  return {
    sumOf: (records) =>
      BigInt(Math.floor(records / distinctFlows)) * sums[distinctFlows]! +
      sums[records % distinctFlows]!,
  };
}

/** Each call makes a flow that ended then. */
export function randomFlows(seed: number): (endMs: number) => Flow {
  const random = randoms(seed);
  return (endMs) => randomFlow(random, endMs);
}

function randomFlow(random: () => number, endMs: number): Flow {
  const ipv4 = () => {
    const octets = Buffer.alloc(4);
    octets.writeUInt32BE(random());
    return octets;
  };
  const packets = 1 + (random() % 2_000);
  return {
    sourceIPv4Address: ipv4(),
    destinationIPv4Address: ipv4(),
    sourceTransportPort: random() % 65_536,
    destinationTransportPort: [53, 80, 443, 8_080][random() % 4]!,
    protocolIdentifier: [6, 17][random() % 2]!,
    octetDeltaCount: packets * (60 + (random() % 1_400)),
    packetDeltaCount: packets,
    flowStartMilliseconds: endMs - (random() % 60_000),
    flowEndMilliseconds: endMs,
  };
}
