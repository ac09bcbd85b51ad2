// The lag in time is the truth while nothing leaves: it grows by one second a second under a collector that
// refuses, and goes on growing, marked as a lower bound, when no broker answers. Needs Kafka's jars: a
// broker that was given is not ours to kill.

import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../demo/broker/free-port.ts';
import { kafkaJars } from '../../demo/broker/kafka-jars.ts';
import { startKafkaNode } from '../../demo/broker/kafka-jvm.ts';
import { flowEventType } from '../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import type { Stats } from '../../src/http/stats.ts';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { served, untilReadiness, urlOf } from '../support/processes/served.ts';
import { type Stage, startStage } from '../support/processes/stage-process.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

const topic = 'flows';

interface Lag {
  readonly atS: number;
  readonly lagS: number;
  readonly isLowerBound: boolean;
}

async function lagOf(stage: Stage): Promise<Lag> {
  const text = await (await fetch(`${await urlOf(stage)}/metrics`)).text();
  const atS = performance.now() / 1_000;
  const value = (name: string): number =>
    Number(new RegExp(`^kafka2ipfix_${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1]);
  const isLowerBound = value('kafka_lag_lower_bound') === 1;
  return { atS, lagS: value('kafka_lag_seconds'), isLowerBound };
}

/** Seconds of lag per second between two looks. */
const growth = (from: Lag, to: Lag): number => (to.lagS - from.lagS) / (to.atS - from.atS);

describeWithKafka('the lag in time', () => {
  test('grows by a second a second while nothing leaves, and as a lower bound without brokers', async () => {
    const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
    const node = await startKafkaNode({ jars });
    onTestFinished(() => node.stop());
    const kafka = new kafkajs.Kafka({ brokers: [node.broker], logLevel: kafkajs.logLevel.NOTHING });
    const { DefaultPartitioner: createPartitioner } = kafkajs.Partitioners;
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
    const producer = kafka.producer({ createPartitioner });
    onTestFinished(() => producer.disconnect().catch(() => undefined));
    await producer.connect();
    const generator = new FlowGenerator({ seed: 12 });
    const send = () =>
      producer.send({ topic, messages: [{ value: flowEventType.toBuffer(generator.next()) }] });
    await send();
    const collector = `ipfix://127.0.0.1:${await freePort('127.0.0.1')}`;
    const stage = await startStage({
      ...stageEnv({ brokers: node.broker, topic, group: 'lag', collector }),
      ...{ ...served, SHUTDOWN_TIMEOUT: '1s' },
    });
    await untilReadiness(stage, 'collector_refuses');
    // The refusal of the first Templates may come before the member has joined and read.
    await stage.waitForLine('joined the group');
    let first = await lagOf(stage);
    while (!(first.lagS > 0) || first.isLowerBound) {
      await sleep(100);
      first = await lagOf(stage);
    }
    // New events do not make the oldest one younger.
    for (let i = 0; i < 10; i += 1) {
      await send();
      await sleep(400);
    }
    const second = await lagOf(stage);
    expect(growth(first, second)).toBeCloseTo(1, 1);
    expect(second.isLowerBound).toBe(false);

    process.kill(node.pid, 'SIGKILL');
    const { reasons } = await untilReadiness(stage, 'broker_silent');
    expect(reasons.find(({ code }) => code === 'broker_silent')?.text).toContain('ECONNREFUSED');
    const third = await lagOf(stage);
    await sleep(3_000);
    const fourth = await lagOf(stage);
    expect(growth(third, fourth)).toBeCloseTo(1, 1);
    expect([third.isLowerBound, fourth.isLowerBound]).toEqual([true, true]);
    expect(growth(first, fourth)).toBeCloseTo(1, 1);
    const stats = (await (await fetch(`${await urlOf(stage)}/stats`)).json()) as Stats;
    expect(stats.partitions[0]).toMatchObject({ lagIsLowerBound: true, lagRecords: 11 });
    console.log(`lag ${first.lagS.toFixed(1)} s at first, ${fourth.lagS.toFixed(1)} s at the end`);
    await stage.stop();
  });
});
