// All messages of a topic, as they lie in it.

import pino from 'pino';
import { framingFromText } from '../../../src/framing.ts';
import type { MessageHeader } from '../../../src/sources/delivery.ts';
import { peek } from '../../../src/sources/kafka/kafka-peek.ts';
import { SchemaStore } from '../../../src/sources/schemas/schema-store.ts';

export interface TopicMessage {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  readonly value: Buffer | null;
  readonly timestampMs: number | undefined;
  readonly headers: readonly MessageHeader[];
}

/** Each partition's in order. */
export async function messagesIn(
  brokers: readonly string[],
  topic: string,
): Promise<TopicMessage[]> {
  const bare = new Map([[topic, { name: 'bytes', json: { type: 'bytes' } }]]);
  const messages = peek({
    connection: { brokers, clientId: 'kafka2ipfix-test' },
    topic,
    framing: framingFromText('bare')!,
    schemas: new SchemaStore({ bare, byFingerprint: new Map(), registry: undefined }),
    messageOctetsMax: 2 ** 30,
    checkCrcs: true,
    batchOctetsMax: 2 ** 26,
    count: 1e6,
    from: 'oldest',
    log: pino({ level: 'silent' }),
  });
  const found: TopicMessage[] = [];
  for await (const { origin, offsets, metadata } of messages) {
    const copy = (octets: Buffer | null) => octets && Buffer.from(octets);
    found.push({
      partition: origin.partition,
      offset: offsets[0]!,
      key: metadata!.key(0)?.toString(),
      value: copy(metadata!.value(0)),
      timestampMs: metadata!.timestampMs(0),
      headers: metadata!
        .headers(0)
        .map((header) => ({ key: header.key, value: copy(header.value) })),
    });
  }
  return found;
}
