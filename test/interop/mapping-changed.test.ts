// A collector that keeps Templates over a restart of the stage, which comes back with another mapping
// from the same address and in the same Observation Domain; and the first Templates are lost. Nothing
// may be read by the old layout: ids that come of the content see to it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FlowEvent } from '../../src/generator/flow-event.ts';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { killStages, startStage } from '../support/processes/stage-process.ts';
import { testWithPrograms } from '../support/processes/tools.ts';
import { type Collected, installed, type LiveCollector, liveCollectors } from './collectors.ts';
import { lineOfEvent, lineOfShown } from './flow-lines.ts';
import { generatedFlows } from './flows.ts';
import { multisetDifferences } from './nfdump-flows.ts';
import { hasTemplates, Relay } from './relay.ts';

const seed = 20_260_106;
const count = 2_000;
const templatesLost = 2;
const differencesShown = 10;

/** Two fields of equal length, each in the other's place: the old layout would fit. */
const mapping = {
  topics: {
    '*': {
      fields: {
        ingressInterface: { element: 'egressInterface', null: 0 },
        egressInterface: { element: 'ingressInterface', null: 0 },
      },
    },
  },
};

const exchanged = (event: FlowEvent): FlowEvent => ({
  ...event,
  ingressInterface: event.egressInterface,
  egressInterface: event.ingressInterface,
});

describe('a stage started again with another mapping, its first Templates lost', () => {
  const events = generatedFlows(seed, count);
  const programs = installed(liveCollectors);
  const collected = new Map<string, Collected>();
  const live = new Map<string, LiveCollector>();
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-mapping-'));
  let relay: Relay;

  beforeAll(async () => {
    const flowFile = join(folder, 'flows.avro');
    const mappingFile = join(folder, 'mapping.json');
    await writeFlowFile({ output: flowFile, seed, count });
    writeFileSync(mappingFile, JSON.stringify(mapping));
    relay = await Relay.listen();
    const started = await Promise.all(programs.map(({ start }) => start()));
    programs.forEach(({ name }, i) => live.set(name, started[i]!));
    relay.to(...started.map(({ port }) => port));
    const settings = {
      INPUT_FILE: flowFile,
      COLLECTORS: relay.collector,
      PATH_MTU: '1500',
      EXPORT_RATE_LIMIT: '2000',
      EXPORT_BURST: '100',
      TEMPLATE_REFRESH_MESSAGES: '40',
    };
    const first = await startStage(settings);
    expect((await first.exited).code, JSON.stringify(first.lines())).toBe(0);
    let lost = 0;
    relay.drops = (datagram) => hasTemplates(datagram) && (lost += 1) <= templatesLost;
    const second = await startStage({ ...settings, MAPPING_FILE: mappingFile });
    expect((await second.exited).code, JSON.stringify(second.lines())).toBe(0);
    for (const [name, one] of live) collected.set(name, await one.stop());
  });
  afterAll(() => {
    killStages();
    for (const one of live.values()) one.remove();
    relay.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('loses two Template datagrams, and tells its Templates again amid the data', () => {
    expect(relay.dropped).toHaveLength(templatesLost);
    const session = relay.dropped[0]!.port;
    const sent = relay.datagrams.filter(({ port }) => port === session);
    expect(hasTemplates(sent[0]!)).toBe(false);
    expect(sent.some(hasTemplates)).toBe(true);
  });

  for (const { name, tools, knows } of liveCollectors) {
    testWithPrograms(`is read by ${name} by no layout but its own`, tools, async () => {
      const before = events.map((event) => lineOfEvent(event, knows));
      const after = events.map((event) => lineOfEvent(exchanged(event), knows));
      const lines = collected.get(name)!.flows.map((flow) => lineOfShown(flow, knows));
      const found = multisetDifferences([...before, ...after], lines);
      const misread = found.filter((text) => text.startsWith('too much'));
      expect(misread.slice(0, differencesShown)).toEqual([]);
      // All of the first run; of the second what came after the Templates, which is not nothing.
      expect(lines.length).toBeGreaterThan(count);
      expect(lines.length).toBeLessThan(2 * count);
      await Promise.resolve();
    });
  }
});
