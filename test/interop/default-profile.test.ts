// The stage as it comes, two Workers, over more than three Template refreshes: six programs read it
// and find nothing wrong. The live ones, started anew in the middle, read again after one refresh.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FlowEvent, flowEventType } from '../../src/generator/flow-event.ts';
import { pace } from '../../src/generator/pace.ts';
import { Decoder } from '../../src/ipfix/decoder.ts';
import {
  createTopic,
  describeWithKafka,
  produceMessages,
  uniqueGroup,
} from '../support/kafka/kafka.ts';
import type { Datagram } from '../support/fakes/recorder.ts';
import { killStages, startStage } from '../support/processes/stage-process.ts';
import { testWithPrograms } from '../support/processes/tools.ts';
import {
  type Collected,
  installed,
  type LiveCollector,
  liveCollectors,
  readDatagramsWithTshark,
  streamReaders,
} from './collectors.ts';
import { lineOfEvent, lineOfShown } from './flow-lines.ts';
import { generatedFlows, stageSettings, untilExported } from './flows.ts';
import { multisetDifferences } from './nfdump-flows.ts';
import { untilAllHavePartitions } from './processes.ts';
import { hasTemplates, Relay } from './relay.ts';
import { differences } from './tshark-fields.ts';

const seed = 20_260_105;
const count = 6_000;
const ratePerSecond = 750;
const partitions = 4;
const refreshInterval = '2s';
const differencesShown = 10;

/** To one partition after the other, so that both Workers have some all the time. */
async function producePaced(topic: string, events: readonly FlowEvent[]): Promise<void> {
  const { stepEvents, due } = pace(ratePerSecond, events.length);
  for (let first = 0; first < events.length; first += stepEvents) {
    const some = events.slice(first, first + stepEvents);
    const messages = some.map((event, i) => {
      return { value: flowEventType.toBuffer(event), partition: i % partitions };
    });
    await produceMessages(topic, messages);
    await due(first + some.length);
  }
}

describeWithKafka('flows of the default contract, sent by two Workers', (brokers) => {
  const events = generatedFlows(seed, count);
  const running: LiveCollector[] = [];
  /** By program: one that ran from the beginning, and one from the middle on. */
  const collected = new Map<string, Collected>();
  const collectedAnew = new Map<string, Collected>();
  let relay: Relay;
  /** What came before the programs of the middle were there. */
  let early = 0;

  beforeAll(async () => {
    relay = await Relay.listen();
    const throughout = await started();
    let anew = await started();
    const [topic, group] = [await createTopic(partitions), uniqueGroup()];
    const settings = stageSettings({ brokers, topic, group, collector: relay.collector });
    const stage = await startStage({
      ...settings,
      WORKERS: '2',
      TEMPLATE_REFRESH_INTERVAL: refreshInterval,
    });
    await untilAllHavePartitions([stage], 2, partitions);
    await producePaced(topic, events.slice(0, count / 2));
    anew = await restart(anew);
    early = relay.datagrams.length;
    await producePaced(topic, events.slice(count / 2));
    await untilExported({ topic, group }, [stage]);
    expect(await stage.stop()).toBe(0);
    const stopping = async (from: Map<string, LiveCollector>, to: Map<string, Collected>) => {
      for (const [name, live] of from) to.set(name, await live.stop());
    };
    await Promise.all([stopping(throughout, collected), stopping(anew, collectedAnew)]);
  });
  afterAll(() => {
    killStages();
    for (const live of running) live.remove();
    relay.close();
  });

  async function started(ports = new Map<string, number>()): Promise<Map<string, LiveCollector>> {
    const live = new Map<string, LiveCollector>();
    await Promise.all(
      installed(liveCollectors).map(async ({ name, start }) => {
        const one = await start(ports.get(name));
        live.set(name, one);
        running.push(one);
        if (!ports.has(name)) relay.to(one.port);
      }),
    );
    return live;
  }

  /** On the same ports: to the stage they are the same collectors. */
  async function restart(live: ReadonlyMap<string, LiveCollector>) {
    const ports = new Map([...live].map(([name, { port }]) => [name, port]));
    await Promise.all([...live.values()].map((one) => one.stop()));
    return started(ports);
  }

  test('come in two Observation Domains, with Templates again three times amid the data', () => {
    const byDomain = Map.groupBy(relay.datagrams, ({ octets }) => octets.readUInt32BE(12));
    expect([...byDomain.keys()].sort()).toEqual([1, 2]);
    for (const datagrams of byDomain.values()) {
      const first = datagrams.findIndex((datagram) => !hasTemplates(datagram));
      const last = datagrams.findLastIndex((datagram) => !hasTemplates(datagram));
      const amid = datagrams.slice(first, last).filter(hasTemplates);
      expect(amid.length).toBeGreaterThanOrEqual(3);
    }
  });

  describe.each(installed(liveCollectors))('to $name, live', ({ name, knows }) => {
    const wanted = events.map((event) => lineOfEvent(event, knows));
    const linesOf = ({ flows }: Collected) => flows.map((flow) => lineOfShown(flow, knows));

    test('are all there, nothing of them misread', () => {
      const found = multisetDifferences(wanted, linesOf(collected.get(name)!));
      expect(found.slice(0, differencesShown)).toEqual([]);
    });

    test('give it no fault of a sequence or a Template to log', () => {
      expect(collected.get(name)!.faults).toEqual([]);
    });

    test('are read by it again after a restart, from the next Templates on', () => {
      const lines = linesOf(collectedAnew.get(name)!);
      const after = flowsAfterTemplates(relay.datagrams.slice(early));
      const due = events.filter(({ flowId }) => after.has(flowId));
      expect(due.length).toBeGreaterThan(count / 10);
      const missing = multisetDifferences(
        due.map((event) => lineOfEvent(event, knows)),
        lines,
      );
      expect(missing.filter((text) => text.startsWith('missing'))).toEqual([]);
      const produced = new Set(wanted);
      expect(lines.filter((text) => !produced.has(text)).slice(0, differencesShown)).toEqual([]);
    });
  });

  describe.each(streamReaders)('to $name, as a stream', ({ name, tools, read }) => {
    testWithPrograms(
      `are all read by ${name}, nothing misread and no fault found`,
      tools,
      async () => {
        const { flows, faults } = await read(relay.datagrams);
        expect(faults).toEqual([]);
        const wanted = events.map((event) => lineOfEvent(event, () => true));
        const lines = flows.map((flow) => lineOfShown(flow, () => true));
        expect(multisetDifferences(wanted, lines).slice(0, differencesShown)).toEqual([]);
      },
    );

    testWithPrograms(
      `are read by ${name} from the middle on, after the next Templates`,
      tools,
      async () => {
        const rest = relay.datagrams.slice(early);
        const { flows } = await read(rest);
        const after = flowsAfterTemplates(rest);
        const due = events.filter(({ flowId }) => after.has(flowId));
        const wanted = due.map((event) => lineOfEvent(event, () => true));
        const lines = flows.map((flow) => lineOfShown(flow, () => true));
        expect(multisetDifferences(wanted, lines).slice(0, differencesShown)).toEqual([]);
      },
    );
  });

  testWithPrograms(
    'to tshark are all there, nothing misread and nothing to complain of',
    ['tshark'],
    async () => {
      const { records, complaints } = await readDatagramsWithTshark(relay.datagrams);
      expect(complaints).toEqual([]);
      const eventById = new Map(events.map((event) => [String(event.flowId), event]));
      const wrong = records.flatMap((record) => {
        const id = record.get('cflow.flow_id') ?? 'none';
        const event = eventById.get(id);
        eventById.delete(id);
        return event ? differences(event, record) : [`flow ${id}: never produced, or twice`];
      });
      expect(wrong.slice(0, differencesShown)).toEqual([]);
      expect(eventById.size).toBe(0);
    },
  );

  for (const { name, tools } of liveCollectors) {
    if (!installed(liveCollectors).some((one) => one.name === name)) {
      testWithPrograms(`to ${name}, live`, tools, () => Promise.resolve());
    }
  }
});

/** The flows that somebody can read who hears of no more than these datagrams. */
function flowsAfterTemplates(datagrams: readonly Datagram[]): Set<number> {
  const decoder = new Decoder();
  return new Set(
    datagrams.flatMap(({ octets, address, port }) =>
      decoder
        .decode(octets, `${address} ${port}`)
        .records.map(({ values }) =>
          Number(values.find(({ element }) => element.name === 'flowId')?.value),
        ),
    ),
  );
}
