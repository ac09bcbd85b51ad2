// A process's own statistics, as a collector gets them: they say what the collector received.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import type { DecodedMessage } from '../../src/ipfix/decoder.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';
import { Recorder } from '../support/fakes/recorder.ts';

const all = 'metering,metering-reliability,exporting-reliability';

/** The records of domain 0 that have `name`, each with its values by name, in order. */
const told = (messages: readonly DecodedMessage[], name: string) =>
  messages
    .filter(({ observationDomainId }) => observationDomainId === 0)
    .flatMap(({ records }) =>
      records.map(({ values }) =>
        Object.fromEntries(values.map(({ element, value }) => [element.name, Number(value)])),
      ),
    )
    .filter((record) => name in record);

const flowMessages = (messages: readonly DecodedMessage[], domain: number) =>
  messages.filter((message) => message.observationDomainId === domain);

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

test('of a file that was read to its end say what left, to the octet', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-statistics-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'flows.avro');
  await writeFlowFile({ seed: 5, count: 3_000, output: file });
  const recorder = await Recorder.listen();
  onTestFinished(() => recorder.close());
  const { code, stderr } = await runCommand(['run', '--input', file], {
    env: { COLLECTORS: recorder.collector, EXPORT_STATISTICS: all, EXPORT_RATE_LIMIT: '20000' },
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  await recorder.close();

  const messages = recorder.messages();
  const flows = flowMessages(messages, 1);
  expect(told(messages, 'exportedFlowRecordTotalCount').at(-1)).toEqual({
    observationDomainId: 1,
    exportedMessageTotalCount: flows.length,
    exportedFlowRecordTotalCount: 3_000,
    exportedOctetTotalCount: sum(flows.map(({ length }) => length)),
  });
  expect(told(messages, 'notSentFlowTotalCount').at(-1)).toEqual({
    exportingProcessId: 1,
    notSentFlowTotalCount: 0,
  });
  expect(told(messages, 'ignoredDataRecordTotalCount').at(-1)).toEqual({
    observationDomainId: 1,
    ignoredDataRecordTotalCount: 0,
  });
  expect(recorder.sequence()).toMatchObject({ missingRecords: 0, repeatedMessages: 0 });
  // One session of the flows, one of the statistics.
  expect(new Set(recorder.datagrams.map(({ port }) => port)).size).toBe(2);
});

describeWithKafka('of two Workers', (brokers) => {
  test('come from one of them, once each interval, and are right for both domains', async () => {
    const count = 20_000;
    const around = await KafkaStage.around({ brokers, ratePerSecond: 10_000, count });
    onTestFinished(() => around.close());
    const stage = await around.start({
      ...{ WORKERS: '2', EXPORT_STATISTICS: all, OPTIONS_REFRESH_INTERVAL: '250ms' },
      OBSERVATION_DOMAIN_ID: '11',
    });
    await around.feed.done();
    const { recorder } = around;
    const giveUpAt = performance.now() + 60_000;
    const told11And12 = () => {
      const last = [11, 12].map((domain) =>
        told(recorder.messages(), 'exportedFlowRecordTotalCount').findLast(
          ({ observationDomainId }) => observationDomainId === domain,
        ),
      );
      return last.map((record) => record?.['exportedFlowRecordTotalCount'] ?? 0);
    };
    while (sum(told11And12()) < count && performance.now() < giveUpAt) await sleep(100);
    expect(await stage.stop()).toBe(0);

    const messages = recorder.messages();
    const received = [11, 12].map((domain) =>
      sum(flowMessages(messages, domain).map(({ dataRecordCount }) => dataRecordCount)),
    );
    expect(sum(received)).toBe(count);
    expect(told11And12()).toEqual(received);
    const ports = recorder.datagrams.filter(({ octets }) => octets.readUInt32BE(12) === 0);
    expect(new Set(ports.map(({ port }) => port)).size).toBe(1);
    expect(recorder.sequence()).toMatchObject({ gaps: 0, repeatedMessages: 0 });
  });
});
