// Writes generated flow events to a Kafka topic, one bare Avro datum in each message: what the
// demo, the command `generate` and the tests feed the stage with.

import kafkajs, { type Admin } from 'kafkajs';

import { kafkaClient, type KafkaSecurity } from '../sources/kafkajs/kafka-client.ts';
import { reachBrokers } from '../sources/kafkajs/reach-brokers.ts';

import { flowEventType } from './flow-event.ts';
import type { FlowRun } from './flow-file.ts';
import { FlowGenerator, type FlowGeneratorOptions } from './flow-generator.ts';
import { makeTopic } from './make-topic.ts';
import { pace } from './pace.ts';

interface ProduceFlowsOptions extends FlowGeneratorOptions {
  readonly brokers: readonly string[];
  readonly security?: KafkaSecurity;
  readonly topic: string;
  /** The partitions of a topic that does not exist yet; an existing one keeps its own. */
  readonly partitions?: number;
  readonly count: number;
  readonly ratePerSecond?: number;
  readonly compression?: 'none' | 'gzip';
  readonly onProgress?: (events: number) => void;
}

const SEND_EVENTS_MAX = 1000;
/** Neighbours in one partition, so that the broker gets RecordBatches of a size worth having. */
const RUN_EVENTS = 250;
const PARTITIONS_DEFAULT = 4;
const ALL_IN_SYNC_REPLICAS = -1;

const { CompressionTypes, Partitioners } = kafkajs;

export async function produceFlows(options: ProduceFlowsOptions): Promise<FlowRun> {
  const { brokers, security } = options;
  const connection = { brokers, clientId: 'kafka2ipfix-generate', ...security };
  const kafka = kafkaClient(connection);
  const admin = kafka.admin();
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  });
  try {
    await reachBrokers(connection);
    await admin.connect();
    const partitions = await ensureTopic(admin, options.topic, options.partitions);
    await producer.connect();
    const startMs = performance.now();
    const nextMessages = messageSource(new FlowGenerator(options), partitions);
    const { stepEvents, due } = pace(options.ratePerSecond, SEND_EVENTS_MAX);
    for (let events = 0; events < options.count;) {
      const messages = nextMessages(Math.min(stepEvents, options.count - events));
      await producer.send({
        topic: options.topic,
        acks: ALL_IN_SYNC_REPLICAS,
        compression: options.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
        messages,
      });
      events += messages.length;
      options.onProgress?.(events);
      await due(events);
    }
    return { events: options.count, seconds: (performance.now() - startMs) / 1000 };
  } finally {
    await Promise.allSettled([producer.disconnect(), admin.disconnect()]);
  }
}

/** Creates the topic where it is missing; how many partitions it has. */
async function ensureTopic(
  admin: Admin,
  topic: string,
  partitions = PARTITIONS_DEFAULT,
): Promise<number> {
  // Asking for the metadata of a missing topic may create it with the broker's own settings.
  const topics = await admin.listTopics();
  if (!topics.includes(topic)) {
    await makeTopic(admin, { topic, numPartitions: partitions });
  }
  const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
  return metadata.topics[0]!.partitions.length;
}

interface FlowMessage {
  readonly key: null;
  readonly value: Buffer;
  readonly partition: number;
}

/** Runs of events to one partition after the other, whatever the size of the sends. */
function messageSource(
  generator: FlowGenerator,
  partitions: number,
): (count: number) => FlowMessage[] {
  let made = 0;
  return (count) =>
    Array.from({ length: count }, () => ({
      key: null,
      value: flowEventType.toBuffer(generator.next()),
      partition: Math.floor(made++ / RUN_EVENTS) % partitions,
    }));
}
