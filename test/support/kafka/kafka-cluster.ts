// A cluster of three brokers as JVMs on loopback, whose partitions can be moved from one to another.
// Needs Kafka's jars: a broker that was named, or a container, is a single one.

import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { kafkaJars } from '../../../demo/broker/kafka-jars.ts';
import { type KafkaNode, startKafkaNode } from '../../../demo/broker/kafka-jvm.ts';

const { Kafka, logLevel } = kafkajs;
const nodeIds = [1, 2, 3];
const movedWithinMs = 30_000;

export class KafkaCluster {
  readonly brokers: readonly string[];
  readonly #nodes: readonly KafkaNode[];
  readonly #admin: Admin;

  private constructor(nodes: readonly KafkaNode[], admin: Admin) {
    this.#nodes = nodes;
    this.#admin = admin;
    this.brokers = nodes.map(({ broker }) => broker);
  }

  /** Rejects with KafkaJarsError where they are not to be had. */
  static async start(): Promise<KafkaCluster> {
    const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
    const properties = { 'group.initial.rebalance.delay.ms': '0' };
    const first = await startKafkaNode({ jars, nodeId: 1, properties });
    const nodes = [first];
    try {
      for (const nodeId of nodeIds.slice(1)) {
        nodes.push(await startKafkaNode({ jars, nodeId, join: first, properties }));
      }
      const brokers = nodes.map(({ broker }) => broker);
      const kafka = new Kafka({ clientId: 'cluster', brokers, logLevel: logLevel.NOTHING });
      const admin = kafka.admin();
      await admin.connect();
      return new KafkaCluster(nodes, admin);
    } catch (error) {
      for (const node of nodes.toReversed()) await node.stop();
      throw error;
    }
  }

  /** Gives a partition to the broker after the one that leads it now; resolves when that leads. */
  async moveLeader(topic: string, partition: number): Promise<void> {
    const leader = await this.#leaderOf(topic, partition);
    const next = nodeIds[(nodeIds.indexOf(leader) + 1) % nodeIds.length]!;
    await this.#admin.alterPartitionReassignments({
      topics: [{ topic, partitionAssignment: [{ partition, replicas: [next] }] }],
    });
    const giveUpAt = performance.now() + movedWithinMs;
    while ((await this.#leaderOf(topic, partition)) !== next) {
      if (performance.now() > giveUpAt) throw new Error(`${topic}[${partition}] was not moved`);
      await sleep(50);
    }
  }

  async addPartitions(topic: string, count: number): Promise<void> {
    await this.#admin.createPartitions({ topicPartitions: [{ topic, count }] });
  }

  async #leaderOf(topic: string, partition: number): Promise<number> {
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.find((one) => one.partitionId === partition)?.leader ?? -1;
  }

  async stop(): Promise<void> {
    await this.#admin.disconnect();
    // The first is the controller: the others would look for it in vain.
    for (const node of this.#nodes.toReversed()) await node.stop();
  }
}
