// docker-compose.yml, really brought up: events of its generator reach its collector and one outside, each
// exactly once; the stage is scaled, a broker of three is killed.

import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { kafkaImage } from '../../demo/broker/kafka-container.ts';
import { composeProject, type Project } from '../support/containers/compose.ts';
import {
  buildImage,
  describeWithImages,
  docker,
  installCompose,
} from '../support/containers/engine.ts';
import { GroupOffsets } from '../support/kafka/group-offsets.ts';

const topic = 'flows';
const group = 'kafka2ipfix';
const partitions = 4;
const count = 20_000;
const buildTimeoutMs = 900_000;

const generates = (rate: number, events: number) => ({
  command: `generate --topic flows --brokers kafka:9092 --rate ${rate} --count ${events}`,
});

/** The flowIds that the collector of the project has received, as often as they came. */
async function received(project: Project): Promise<Map<number, number>> {
  const ids = new Map<number, number>();
  for (const container of await project.containers('collector')) {
    for (const line of (await docker('logs', container)).split('\n')) {
      if (!line.startsWith('{')) continue;
      const { flowId } = JSON.parse(line) as { flowId?: number | string };
      if (flowId === undefined) continue;
      ids.set(Number(flowId), (ids.get(Number(flowId)) ?? 0) + 1);
    }
  }
  return ids;
}

/** Without a limit on its log: it holds what was received. */
const collects = {
  command: 'collect --listen 0.0.0.0:4739 --format json --receive-buffer 32MiB',
  logging: { driver: 'json-file' },
};

/** After a standstill the collector gets no more at once than its receive buffer in a container takes. */
const gently = { environment: { EXPORT_RATE_LIMIT: '5000' } };

async function untilAllIsCommitted(project: Project, events: number): Promise<void> {
  // The first one is never killed.
  const brokers = project.brokers.slice(0, 1);
  const offsets = await GroupOffsets.open({ brokers, group, topic, partitions });
  onTestFinished(() => offsets.close().catch(() => undefined));
  // The broker that is killed may be the one that is asked.
  const sum = async () => {
    const committed = await offsets.committed().catch(() => new Map<number, bigint>());
    return [...committed.values()].reduce((all, offset) => all + Number(offset), 0);
  };
  while ((await sum()) < events) await sleep(500);
}

const missing = (ids: ReadonlyMap<number, number>, events: number): number[] =>
  Array.from({ length: events }, (_, i) => i + 1).filter((id) => !ids.has(id));

const repeated = (ids: ReadonlyMap<number, number>): number =>
  [...ids.values()].reduce((sum, times) => sum + times - 1, 0);

describeWithImages('docker compose up', ['node:26-slim', kafkaImage], () => {
  beforeAll(async () => {
    await buildImage();
    await installCompose();
  }, buildTimeoutMs);

  test('brings up all of it, each event reaches the collector once, and the stage drains', async () => {
    const project = await composeProject({
      services: { generator: generates(5_000, count), collector: collects },
    });
    const startedAt = performance.now();
    await project.compose('up', '--detach', '--no-build');
    console.log(`up after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
    await untilAllIsCommitted(project, count);
    const [stage = ''] = await project.containers('stage');
    await project.compose('stop', 'stage');
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', stage)).toBe('0');
    const ids = await received(project);
    expect(missing(ids, count)).toEqual([]);
    expect(repeated(ids)).toBe(0);
  });

  test('scaled to three and back under load, the stages have domains of their own and lose nothing', async () => {
    const events = 60_000;
    const project = await composeProject({
      services: { generator: generates(2_000, events), collector: collects, stage: gently },
    });
    await project.compose('up', '--detach', '--no-build');
    await sleep(3_000);
    await project.compose('up', '--detach', '--no-build', '--scale', 'stage=3', '--no-recreate');
    const stages = await project.containers('stage');
    expect(stages).toHaveLength(3);
    await sleep(8_000);
    const logs = await Promise.all(stages.map((stage) => docker('logs', stage)));
    await project.compose('up', '--detach', '--no-build', '--scale', 'stage=1', '--no-recreate');
    await untilAllIsCommitted(project, events);
    const ids = await received(project);
    expect(missing(ids, events)).toEqual([]);
    console.log(`${repeated(ids)} events came twice`);
    expect(logs.join('')).not.toContain('OBSERVATION_DOMAIN_SHARED');
  });

  test('with three brokers goes on when one of them is killed', async () => {
    const events = 60_000;
    const project = await composeProject({
      profiles: ['cluster'],
      env: { REPLICAS: '3' },
      services: { generator: generates(2_000, events), collector: collects, stage: gently },
    });
    await project.compose('up', '--detach', '--no-build');
    await sleep(5_000);
    await project.compose('kill', 'kafka-3');
    await untilAllIsCommitted(project, events);
    const ids = await received(project);
    expect(missing(ids, events)).toEqual([]);
    console.log(`${repeated(ids)} events came twice`);
  });
});
