// Events of a topic or a file beside the records they become, one after the other: for `decode`, which
// shows them, and for `validate`, which looks whether they are read as they are meant.

import { from, lastValueFrom, mergeMap, tap } from 'rxjs';
import { createLog } from '../log/log.ts';
import { bindingsOf, type Preparation, type TopicPlan } from '../config/preparation.ts';
import { type Delivery, noIntake } from '../sources/delivery.ts';
import { openAvroFile } from '../sources/file/avro-file.ts';
import { deliveriesOf } from '../sources/datums/kafka-deliveries.ts';
import { peek, type PeekOptions } from '../sources/kafka/kafka-peek.ts';
import { Unframer } from '../sources/datums/unframe.ts';
import { EventDecoder, type EventRecords } from './event-records.ts';
import { kafkaConnection } from '../stage/kafka-connection.ts';
import { schemaStore } from '../stage/schema-sources.ts';

export interface Taker {
  take(event: EventRecords): void;
  /** Resolves when there is room for more; nothing is read faster than that. */
  room?(): Promise<void> | undefined;
}

/** Messages of each partition. Rejects with kafkajs's errors, and where a topic is not there. */
export async function feedFromKafka(
  preparation: Preparation,
  asked: readonly TopicPlan[],
  { count, from: end }: Pick<PeekOptions, 'count' | 'from'>,
  taker: Taker,
): Promise<void> {
  const { config, files, topics } = preparation;
  const schemas = schemaStore(config, files, topics);
  const decoder = new EventDecoder(bindingsOf(topics));
  const log = createLog({ level: 'error', format: config.LOG_FORMAT });
  try {
    for (const { topic, framing } of asked) {
      const messageOctetsMax = config.AVRO_MESSAGE_BYTES;
      const unframer = new Unframer({ topic, framing, schemas, messageOctetsMax });
      const connection = kafkaConnection(config, files.kafkaTls);
      const { KAFKA_BATCH_BYTES: batchOctetsMax } = config;
      const look = { count, from: end, connection, topic, batchOctetsMax, log };
      for (const { partition, messages } of await peek(look)) {
        const origin = { topic, partition, generation: 0 };
        const batch = { messages, origin, nextOffset: 0, datumsMax: 1_000 };
        for (const step of deliveriesOf(batch, unframer)) {
          if (typeof step === 'number') await schemas.fetch(step);
          else for (const event of decoder.eventsOf(step)) taker.take(event);
          await taker.room?.();
        }
      }
    }
  } finally {
    decoder.close();
    schemas.close();
  }
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
