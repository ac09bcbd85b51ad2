// Datagrams stay within the path MTU and, at full load, use nearly all of it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { produceFlows } from '../../src/generator/produce-flows.ts';
import { createTopic, describeWithKafka, uniqueGroup } from '../support/kafka/kafka.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { killStages, startStage } from '../support/processes/stage-process.ts';
import { expectUnbrokenSequence, pathMtu, stageSettings, untilExported } from './flows.ts';
import { fragmentsCreated } from './fragments.ts';
import { fullLoadFill, meanFill } from './fill.ts';

const seed = 20_260_103;
const count = 40_000;
const fillWanted = 0.85;

const families = [
  { family: 'IPv4', host: '127.0.0.1', headerOctets: 20 + 8 },
  { family: 'IPv6', host: '::1', headerOctets: 40 + 8 },
];
const cases = families.flatMap((family) =>
  [512, 1280, 1500, 9000].map((pathMtu) => ({ ...family, pathMtu })),
);

describe('40,000 flows to a collector', () => {
  let folder: string;
  let flowFile: string;
  let recorder: Recorder | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-mtu-'));
    flowFile = join(folder, 'flows.avro');
    await writeFlowFile({ output: flowFile, seed, count });
  });
  afterEach(async () => {
    killStages();
    await recorder?.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(cases)(
    'over $family fill a path MTU of $pathMtu and never pass it',
    async ({ host, pathMtu, headerOctets }) => {
      recorder = await Recorder.listen({ host });
      const fragmentsBefore = fragmentsCreated();
      const stage = await startStage({
        INPUT_FILE: flowFile,
        COLLECTORS: recorder.collector,
        PATH_MTU: String(pathMtu),
        // Longer than the run: no Message is ended by its age.
        FLUSH_INTERVAL: '10m',
        // Paces the sending, not the painting: what a Message holds is decided before.
        EXPORT_RATE_LIMIT: '60000',
      });
      expect((await stage.exited).code, JSON.stringify(stage.lines())).toBe(0);
      await recorder.close();

      const messageOctetsMax = pathMtu - headerOctets;
      const messages = recorder.messages();
      expectUnbrokenSequence(recorder);
      expect(recorder.records()).toHaveLength(count);
      const lengths = recorder.datagrams.map(({ octets }) => octets.length);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(messageOctetsMax);
      expect(fragmentsCreated()).toEqual(fragmentsBefore);

      // One Template Set or one Data Set, so that the octets of a Message are those of its records.
      const mixed = messages.filter((m) => m.templates.length > 0 === m.records.length > 0);
      expect(mixed).toEqual([]);
      const fill = fullLoadFill(messages, messageOctetsMax);
      expect(fill.fullLoadMessages).toBeGreaterThan(20 * fill.lastMessages);
      expect(fill.records).toBeGreaterThanOrEqual(fillWanted);
      expect(fill.records).toBeLessThanOrEqual(1);
    },
  );
});

describeWithKafka('40,000 flows from Kafka', (brokers) => {
  afterEach(killStages);

  test('fill Messages with the default settings too, those sent by age included', async () => {
    const recorder = await Recorder.listen();
    const [topic, group] = [await createTopic(4), uniqueGroup()];
    await produceFlows({ brokers, topic, seed, count });
    const stage = await startStage({
      ...stageSettings({ brokers, topic, group, collector: recorder.collector }),
      EXPORT_RATE_LIMIT: '60000',
    });
    await untilExported({ topic, group }, [stage]);
    expect(await stage.stop()).toBe(0);
    await recorder.close();
    expectUnbrokenSequence(recorder);
    expect(recorder.records()).toHaveLength(count);
    const fill = meanFill(recorder.messages(), pathMtu - 28);
    expect(fill).toBeGreaterThanOrEqual(fillWanted);
    expect(fill).toBeLessThanOrEqual(1);
  });
});
