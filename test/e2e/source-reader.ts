// A KafkaSource without a stage behind it: what it delivers of a topic, each value as it came.

import { pino } from 'pino';
import { framingFromText } from '../../src/framing.ts';
import { type Delivery, noIntake } from '../../src/sources/delivery.ts';
import { KafkaSource } from '../../src/sources/kafka/kafka-source.ts';
import { SchemaStore } from '../../src/sources/schemas/schema-store.ts';
import { steadyContact } from '../support/fakes/broker-contact.ts';
import { uniqueGroup } from '../support/kafka/kafka.ts';

export interface ReadOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** It ends when the position is there in each partition. */
  readonly ends: readonly number[];
  readonly partitionOctetsMax?: number;
}

export interface ReadMessage {
  readonly partition: number;
  readonly offset: number;
  readonly value: string | null;
  readonly key: string | null;
  readonly headers: readonly string[];
}

const schema = { name: 'bytes.avsc', json: { type: 'bytes' } };

export async function readTopic(options: ReadOptions): Promise<ReadMessage[]> {
  const { brokers, topic, ends, partitionOctetsMax = 2 ** 20 } = options;
  const found: ReadMessage[] = [];
  const positions = ends.map(() => 0);
  const source = new KafkaSource({
    connection: { brokers, clientId: 'reader' },
    contact: steadyContact,
    ...{ topics: [topic], groupId: uniqueGroup(), userData: '' },
    membersTold: () => undefined,
    framingOf: () => framingFromText('bare')!,
    schemas: new SchemaStore({
      bare: new Map([[topic, schema]]),
      byFingerprint: new Map(),
      registry: undefined,
    }),
    ...{ messageOctetsMax: 2 ** 24, autoOffsetReset: 'earliest', sessionTimeoutMs: 10_000 },
    rebalanceTimeoutMs: 60_000,
    ...{ metadataMaxAgeMs: 60_000, drainTimeoutMs: 1_000, deliveryEventsMax: 1_000 },
    ...{ lagWarnedAbove: Infinity, checkCrcs: true, batchOctetsMax: 2 ** 26 },
    fetch: { octetsMax: 10 * 2 ** 20, partitionOctetsMax, waitMs: 100 },
    intake: noIntake,
    log: pino({ enabled: false }),
  });
  await new Promise<void>((resolve, reject) => {
    source.deliveries.subscribe({
      next: (delivery) => {
        found.push(...messagesIn(delivery));
        positions[delivery.origin.partition] = delivery.nextOffset;
        if (positions.every((position, i) => position >= ends[i]!)) source.stop();
      },
      error: reject,
      complete: resolve,
    });
  });
  await source.close();
  return found;
}

function messagesIn({ origin, bytes, count, starts, ends, offsets, metadata }: Delivery) {
  return Array.from({ length: count }, (_, i): ReadMessage => {
    const value = starts[i]! < 0 ? null : bytes.toString('utf8', starts[i], ends[i]);
    return {
      ...{ partition: origin.partition, offset: offsets[i]!, value },
      key: metadata!.key(i)?.toString() ?? null,
      headers: metadata!.headers(i).map(({ key, value: of }) => `${key}=${String(of)}`),
    };
  });
}
