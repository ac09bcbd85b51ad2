// Datums that hold several events, events with two directions, and events that rules drop: what is
// painted, what is counted, and what may be committed.

import { describe, expect, test } from 'vitest';
import { Decoder } from '../../src/ipfix/decoder.ts';
import { TopicBindings } from '../../src/pipeline/mapping/bindings.ts';
import type { Delivery, WriterSchema } from '../../src/sources/delivery.ts';
import { readMappingFile, sectionFor } from '../../src/pipeline/mapping/mapping-file.ts';
import { exactType } from '../support/oracles/exact-avro.ts';
import { originOf } from '../support/events/flow-events.ts';
import { turn } from '../support/fakes/manual-clock.ts';
import { Stage } from '../support/fakes/scripted-stage.ts';

type OnBadEvent = 'stop' | 'discard';

const item = {
  type: 'record',
  name: 'Item',
  fields: [
    { name: 'flowId', type: 'long' },
    { name: 'port', type: 'int' },
  ],
};
const list = { type: 'array', items: item };
const wrapper = {
  type: 'record',
  name: 'Batch',
  fields: [
    { name: 'site', type: 'string' },
    { name: 'flows', type: list },
    // Behind the array: it belongs to every event of it no less.
    { name: 'exporter', type: 'string' },
  ],
};

const wordsOf = (section: object) => {
  const { file, faults } = readMappingFile(JSON.stringify({ topics: { '*': section } }));
  expect(faults).toEqual([]);
  return { section: sectionFor(file, 'flows'), presets: [] };
};

async function stageFor(section: object, onBadEvent: OnBadEvent = 'discard'): Promise<Stage> {
  const bindings = new TopicBindings({ words: wordsOf(section) });
  return new Stage({ bindingsOf: () => bindings, known: [], onBadEvent }).start();
}

/** One datum for each value, at offsets 10, 11, …, or at those that are given. */
function deliver(stage: Stage, json: unknown, values: readonly unknown[], at?: readonly number[]) {
  const type = exactType(json);
  const parts = values.map((value) => type.toBuffer(value));
  const ends = Int32Array.from(parts, (_, i) => Buffer.concat(parts.slice(0, i + 1)).length);
  const schema: WriterSchema = { name: 'test.avsc', json };
  const offsets = Float64Array.from(parts, (_, i) => at?.[i] ?? 10 + i);
  const delivery: Delivery = {
    origin: originOf(),
    bytes: Buffer.concat(parts),
    count: parts.length,
    starts: Int32Array.from(parts, (_, i) => ends[i - 1] ?? 0),
    ends,
    offsets,
    nextOffset: offsets.at(-1)! + 1,
    ...{ schemas: [schema], schemaOf: undefined, unreadable: undefined, metadata: undefined },
  };
  stage.worker.intake.track(delivery);
  stage.deliveries.next(delivery);
  return delivery;
}

/** Everything leaves and settles; the records that left, by element. */
async function settled(stage: Stage): Promise<Record<string, unknown>[]> {
  stage.worker.frames.sealAll();
  await turn();
  await stage.clock.advance(1_000);
  const decoder = new Decoder();
  return stage.sender.taken.flatMap(({ octets }) =>
    decoder
      .decode(octets)
      .records.map(({ values }) =>
        Object.fromEntries(
          values.map(({ element, value }) => [element.name, Number(value) || value]),
        ),
      ),
  );
}

const flows = (...ports: number[]) => ports.map((port, i) => ({ flowId: BigInt(i + 1), port }));
const mapped = { port: 'sourceTransportPort' };

describe('an array of records', () => {
  test('is as many events as it has items, an empty one is counted under its reason', async () => {
    const stage = await stageFor({ fields: mapped });
    deliver(stage, list, [flows(1, 2, 3), [], flows(4)]);
    expect(await settled(stage)).toEqual(
      [
        { flowId: 1, sourceTransportPort: 1 },
        { flowId: 2, sourceTransportPort: 2 },
        { flowId: 3, sourceTransportPort: 3 },
        { flowId: 1, sourceTransportPort: 4 },
      ].map(({ sourceTransportPort, flowId }) => ({ sourceTransportPort, flowId })),
    );
    expect(stage.worker.ledger.account).toMatchObject({
      ...{ consumed: 5, exported: 4, discarded: 1, inFlight: 0 },
      discardedByReason: { 'no events': 1 },
    });
    expect(stage.worker.intake.committable()).toMatchObject([{ offset: 13 }]);
  });

  test('keeps its good events when one is bad, and says which', async () => {
    const stage = await stageFor({ fields: mapped });
    deliver(stage, list, [flows(1, 70_000, 3)]);
    expect(await settled(stage)).toHaveLength(2);
    expect(stage.worker.ledger.account).toMatchObject({
      ...{ consumed: 3, exported: 2, discarded: 1, inFlight: 0 },
      discardedByReason: { 'bad event': 1 },
    });
  });

  test('stops at the bad one with its number, and commits nothing of its message', async () => {
    const stage = await stageFor({ fields: mapped }, 'stop');
    deliver(stage, list, [flows(1), flows(1, 2, -1, 4), flows(5)]);
    expect(stage.worker.stoppedBy?.message).toMatch(
      /^flows\[0\] offset 11 event 2: in port: sourceTransportPort: -1 is not unsigned16/,
    );
    await settled(stage);
    expect(stage.worker.ledger.account).toMatchObject({
      ...{ consumed: 6, exported: 3, discarded: 0, returned: 3, inFlight: 0 },
    });
    expect(stage.worker.intake.committable()).toMatchObject([{ offset: 11 }]);
  });
});

test('several datums of one message are numbered within it', async () => {
  const stage = await stageFor({ fields: mapped }, 'stop');
  deliver(stage, item, [flows(1)[0], flows(2)[0], flows(-1)[0]], [10, 11, 11]);
  expect(stage.worker.stoppedBy?.message).toContain('flows[0] offset 11 event 1: in port');
  await settled(stage);
  expect(stage.worker.intake.committable()).toMatchObject([{ offset: 11 }]);
});

test('a record around an array: what lies before and behind it is in each event', async () => {
  const stage = await stageFor({
    events: 'flows',
    fields: {
      'flows.flowId': 'flowId',
      site: 'applicationName',
      exporter: 'originalExporterAddress',
    },
    unlisted: 'ignore',
  });
  deliver(stage, wrapper, [{ site: 'a', flows: flows(1, 2), exporter: '192.0.2.1' }]);
  const same = { applicationName: 'a', originalExporterIPv4Address: '192.0.2.1' };
  expect(await settled(stage)).toEqual([
    { flowId: 1, ...same },
    { flowId: 2, ...same },
  ]);
});

describe('an event with two directions', () => {
  const both = {
    type: 'record',
    name: 'Both',
    fields: [
      { name: 'a', type: 'string' },
      { name: 'b', type: 'string' },
      { name: 'there', type: 'long' },
      { name: 'back', type: ['null', 'long'] },
      { name: 'flags', type: 'int' },
    ],
  };
  const fields = {
    a: 'sourceAddress',
    b: 'destinationAddress',
    there: 'octetDeltaCount',
    back: 'reverseOctetDeltaCount',
    flags: 'tcpControlBits',
  };
  const event = (back: bigint | null) => ({
    a: '10.0.0.1',
    b: '10.0.0.2',
    there: 5n,
    back,
    flags: 2,
  });
  const forward = { sourceIPv4Address: '10.0.0.1', destinationIPv4Address: '10.0.0.2' };
  const backward = { sourceIPv4Address: '10.0.0.2', destinationIPv4Address: '10.0.0.1' };

  test('is two records and one event; flags are of the forward one alone', async () => {
    const stage = await stageFor({ fields });
    deliver(stage, both, [event(7n), event(0n), event(null)]);
    const found = await settled(stage);
    expect(found.filter((record) => 'tcpControlBits' in record)).toEqual(
      [1, 2, 3].map(() => ({ ...forward, octetDeltaCount: 5, tcpControlBits: 2 })),
    );
    expect(found.filter((record) => !('tcpControlBits' in record))).toEqual([
      { ...backward, octetDeltaCount: 7 },
    ]);
    expect(stage.worker.ledger.account).toMatchObject({ consumed: 3, exported: 3, inFlight: 0 });
    expect(stage.worker.intake.committable()).toMatchObject([{ offset: 13 }]);
  });

  test('leaves whole or not at all: a reverse record that is refused takes the other with it', async () => {
    const stage = await stageFor({
      fields: { ...fields, there: { element: 'octetDeltaCount', length: 1 } },
    });
    deliver(stage, both, [event(256n), event(255n)]);
    const found = await settled(stage);
    expect(found).toHaveLength(2);
    expect(stage.worker.ledger.account).toMatchObject({ exported: 1, discarded: 1 });
  });

  test('is one record with reverse elements, or the forward one, as it is said', async () => {
    const reverse = await stageFor({ fields, biflow: 'reverse' });
    deliver(reverse, both, [event(7n)]);
    expect(await settled(reverse)).toEqual([
      { ...forward, octetDeltaCount: 5, reverseOctetDeltaCount: 7, tcpControlBits: 2 },
    ]);
    const only = await stageFor({ fields, biflow: 'forward' });
    deliver(only, both, [event(7n)]);
    expect(await settled(only)).toEqual([{ ...forward, octetDeltaCount: 5, tcpControlBits: 2 }]);
  });
});

test('rules drop events under their own reasons, skipped or not kept', async () => {
  const stage = await stageFor({
    fields: mapped,
    skip: [{ reason: 'dns', field: 'port', is: [53, 5353] }],
    keep: [{ reason: 'too old', field: 'flowId', is: [1, 2] }],
  });
  deliver(stage, item, [
    { flowId: 1n, port: 53 },
    { flowId: 2n, port: 80 },
    { flowId: 3n, port: 80 },
  ]);
  expect(await settled(stage)).toEqual([{ sourceTransportPort: 80, flowId: 2 }]);
  expect(stage.worker.ledger.account).toMatchObject({
    ...{ consumed: 3, exported: 1, discarded: 2, inFlight: 0 },
    discardedByReason: { dns: 1, 'too old': 1 },
  });
});

test('a schema that the mapping does not fit makes bad events, each reported with its schema', async () => {
  const stage = await stageFor({ fields: { other: 'flowId' } }, 'stop');
  deliver(stage, item, [flows(1)[0]]);
  expect(stage.worker.stoppedBy?.message).toContain(
    'flows[0] offset 10: test.avsc cannot be mapped: other: the schema has no such field',
  );
});

test('an IPv4 source with an IPv6 destination is a fault of its own', async () => {
  const schema = {
    type: 'record',
    name: 'E',
    fields: ['a', 'b'].map((name) => ({ name, type: 'string' })),
  };
  const fields = { a: 'sourceAddress', b: 'destinationAddress' };
  const stage = await stageFor({ fields }, 'stop');
  deliver(stage, schema, [{ a: '10.0.0.1', b: '2001:db8::1' }]);
  expect(stage.worker.stoppedBy?.message).toContain(
    'in b: the source and destination differ in IP version',
  );
});
