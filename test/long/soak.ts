// Half an hour under load with faults at random: memory, file descriptors and lag of a process that
// lives through all of them must not grow.

import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../src/generator/random.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';
import { growthPerHour, type Sample, sampleOf } from '../support/processes/process-watch.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import type { Stage } from '../support/processes/stage-process.ts';
import type { LongCheck } from './check.ts';

const forMs = 30 * 60_000;
const ratePerSecond = 5_000;
const sampleEveryMs = 5_000;
const faultEveryMs = [8_000, 25_000] as const;
const faults = ['kill', 'terminate', 'freeze', 'freeze the watched', 'collector away'] as const;
/** What a start takes in belongs to no slope. */
const settlesWithinS = 60;
/** The most memory is given of so long before the end. */
const endS = 20 * 60;
const growthMax = { rssMiB: 40, descriptors: 6 };

export const soakCheck: LongCheck = {
  name: 'soak',
  about: `${forMs / 60_000} minutes of ${ratePerSecond} events a second and faults at random`,
  needsBroker: true,
  async run({ brokers, seed, untilMs, log }) {
    const random = new Random(seed);
    const around = await KafkaStage.around({ brokers, ratePerSecond, partitions: 4, seed });
    const samples: Sample[] = [];
    const made: Record<string, number> = {};
    let recorder = around.recorder;
    const fromMs = performance.now();
    const endMs = Math.min(untilMs, fromMs + forMs);
    const other = () => around.start({ OBSERVATION_DOMAIN_ID: '101' });
    try {
      const watched = await around.start();
      await watched.waitForLine('joined the group');
      let second = await other();
      let nextFaultMs = fromMs + random.integer(...faultEveryMs);
      while (performance.now() < endMs) {
        await sleep(sampleEveryMs);
        const atS = Math.round((performance.now() - fromMs) / 1000);
        const lag = Number(await around.offsets.lag());
        samples.push(sampleOf(watched.process.pid!, atS, lag));
        around.received.update();
        if (performance.now() < nextFaultMs) continue;
        nextFaultMs = performance.now() + random.integer(...faultEveryMs);
        const fault = random.pick(faults);
        made[fault] = (made[fault] ?? 0) + 1;
        log(`${atS} s: ${fault}; ${JSON.stringify(samples.at(-1))}`);
        if (fault === 'collector away') recorder = await collectorAway(around, recorder, random);
        else if (fault.startsWith('freeze')) {
          await freeze(fault === 'freeze' ? second : watched, random);
        } else {
          second.kill(fault === 'kill' ? 'SIGKILL' : 'SIGTERM');
          await second.exited;
          second = await other();
        }
      }
      await around.feed.stop();
      await around.offsets.untilNoLag(120_000);
      const exitCodes = await Promise.all([watched.stop(), second.stop()]);
      await around.standing();
      const missing = around.received.missing(1, around.feed.produced).length;
      const settled = samples.filter(({ atS }) => atS >= settlesWithinS);
      const rss = growthPerHour(settled, 'rssMiB');
      const descriptors = growthPerHour(settled, 'descriptors');
      const endsAtS = samples.at(-1)?.atS ?? 0;
      const atTheEnd = samples.filter(({ atS }) => atS >= endsAtS - endS);
      const counts = {
        ...made,
        ...{ produced: around.feed.produced, missing, repeated: around.received.repeated },
        rssMiBGrowthPerHour: Math.round(rss),
        descriptorsGrowthPerHour: Math.round(descriptors),
        rssMiBMostAtTheEnd: Math.max(...atTheEnd.map(({ rssMiB }) => rssMiB)),
        exitCodes: exitCodes.join(', '),
      };
      const faultsSeen = [
        ...(missing === 0 ? [] : [`${missing} events never arrived`]),
        ...(rss <= growthMax.rssMiB ? [] : [`RSS grows by ${Math.round(rss)} MiB an hour`]),
        ...(descriptors <= growthMax.descriptors ? [] : ['file descriptors grow in number']),
      ];
      return { counts, rounds: samples.filter((_, i) => i % 12 === 0), faults: faultsSeen };
    } finally {
      await recorder.close();
      await around.close();
    }
  },
};

async function freeze(stage: Stage, random: Random): Promise<void> {
  stage.kill('SIGSTOP');
  await sleep(random.integer(500, 6_000));
  stage.kill('SIGCONT');
}

async function collectorAway(
  { received }: KafkaStage,
  recorder: Recorder,
  random: Random,
): Promise<Recorder> {
  const { host, port } = recorder;
  await recorder.close();
  received.update();
  await sleep(random.integer(300, 5_000));
  const next = await Recorder.listen({ host, port });
  received.add(next);
  return next;
}
