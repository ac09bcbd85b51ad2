// Events of a topic or a file beside the records they become, one after the other: for `decode`, which
// shows them, and for `validate`, which looks whether they are read as they are meant.

import { from, lastValueFrom, mergeMap, tap } from 'rxjs';
import { readingSettings } from '../config/groups.ts';
import { createLog } from '../log/log.ts';
import { bindingsOf, type Preparation, type TopicPlan } from '../config/preparation.ts';
import { type Delivery, noIntake } from '../sources/delivery.ts';
import { openAvroFile } from '../sources/file/avro-file.ts';
import { peek, type PeekOptions } from '../sources/kafka/kafka-peek.ts';
import { EventDecoder, type EventRecords } from './event-records.ts';
import { kafkaConnection } from '../stage/kafka-connection.ts';
import type { SchemaStore } from '../sources/schemas/schema-store.ts';
import { schemaStore } from '../stage/schema-sources.ts';

export interface Taker {
  take(event: EventRecords): void;
  /** Resolves when there is room for more; nothing is read faster than that. */
  room?(): Promise<void> | undefined;
  /** A partition cannot be read, or not to its end; the others are. */
  failed?(place: string, error: Error): void;
}

/** Which messages of a topic, and for how long. */
export type Look = Pick<PeekOptions, 'count' | 'from' | 'timeoutMs' | 'fetchOctetsMax'>;

/** Messages of each partition. Rejects with kafkajs's errors, and where a topic is not there. */
export async function feedFromKafka(
  preparation: Preparation,
  asked: readonly TopicPlan[],
  look: Look,
  taker: Taker,
): Promise<void> {
  const { config, files, topics } = preparation;
  const schemas = schemaStore(config, files, topics);
  const decoder = new EventDecoder(bindingsOf(topics));
  try {
    for (const plan of asked) {
      for await (const message of messagesOf(preparation, plan, {
        ...look,
        schemas,
        ...faultTo(taker, plan),
      })) {
        for (const event of decoder.eventsOf(message)) taker.take(event);
        await taker.room?.();
      }
    }
  } finally {
    decoder.close();
    schemas.close();
  }
}

const faultTo = (taker: Taker, { topic }: TopicPlan): Pick<PeekOptions, 'onFault'> =>
  taker.failed
    ? { onFault: (partition, error) => taker.failed?.(`${topic}[${partition}]`, error) }
    : {};

/** Messages of a topic, read as `run` reads them. */
export function messagesOf(
  { config, files }: Preparation,
  { topic, framing }: TopicPlan,
  asked: { schemas: SchemaStore } & Look & Pick<PeekOptions, 'onFault'>,
): AsyncIterable<Delivery> {
  return peek({
    ...readingSettings(config),
    ...asked,
    topic,
    framing,
    connection: kafkaConnection(config, files.kafkaTls),
    log: createLog({ level: 'error', format: config.LOG_FORMAT }),
  });
}

export async function feedFromFile(
  { topics }: Preparation,
  path: string,
  eventsMax: number,
  taker: Taker,
): Promise<void> {
  const file = await openAvroFile(path);
  const bindings = bindingsOf(topics)(path);
  const decoder = new EventDecoder(() => bindings);
  const events = file.deliveries({ ...noIntake, room: () => taker.room?.() }, { eventsMax }).pipe(
    mergeMap((delivery: Delivery) => from(decoder.eventsOf(delivery))),
    tap((event) => taker.take(event)),
  );
  try {
    await lastValueFrom(events, { defaultValue: undefined });
  } finally {
    decoder.close();
  }
}
