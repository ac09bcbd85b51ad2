// The life of a Template over UDP: never withdrawn, and its id means nothing else for three refreshes
// after the Worker has let go of it (RFC 7011 §8.4).

import { describe, expect, test } from 'vitest';
import { Decoder } from '../../../src/ipfix/decoder.ts';
import { elementByName } from '../../../src/ipfix/information-element.ts';
import { TemplateIds } from '../../../src/pipeline/templates/template-ids.ts';
import { originOf } from '../../support/events/flow-events.ts';
import { Stage } from '../../support/fakes/scripted-stage.ts';

// So many that not all Shapes are listed ahead: ids are given as they are met, and some fall together.
const names = [
  ...['octetDeltaCount', 'packetDeltaCount', 'postOctetDeltaCount', 'postPacketDeltaCount'],
  ...['octetTotalCount', 'packetTotalCount', 'postOctetTotalCount', 'postPacketTotalCount'],
  ...['droppedOctetDeltaCount', 'droppedPacketDeltaCount', 'droppedOctetTotalCount'],
  ...['droppedPacketTotalCount', 'flowId', 'postMCastOctetDeltaCount'],
];

const schema = {
  name: 'counters.avsc',
  json: {
    ...{ type: 'record', name: 'Counters' },
    fields: names.map((name) => ({
      ...{ name, type: ['null', 'long'], default: null },
      ipfix: { element: name, null: 'omit' },
    })),
  },
};

const isPresent = (shape: number, i: number) => (shape & (1 << i)) !== 0;

// Avro: the branch of the union and, in the second one, the long 1.
const datum = (shape: number) =>
  Buffer.from(names.flatMap((_, i) => (isPresent(shape, i) ? [0x02, 0x02] : [0x00])));

const layoutOf = (shape: number) =>
  names
    .filter((_, i) => isPresent(shape, i))
    .map((name) => ({ element: elementByName(name)!, length: 8 }));

const idAlone = (shape: number) => new TemplateIds([]).templateOf(layoutOf(shape)).id;

/** Two Shapes whose ids fall together, and one that is neither's. */
function fallingTogether(): readonly [first: number, second: number, other: number] {
  const byId = new Map<number, number>();
  for (let shape = 1; shape < 2 ** names.length - 1; shape += 1) {
    const id = idAlone(shape);
    const found = byId.get(id);
    if (found !== undefined) return [found, shape, found === 1 ? 2 : 1];
    byId.set(id, shape);
  }
  throw new Error('none fall together');
}

const [first, second, other] = fallingTogether();
const refreshMs = 4000;

async function newStage(templateRefreshIntervalMs = refreshMs) {
  const stage = await new Stage({
    ...{ known: [], templatesMax: 1, templateRefreshIntervalMs },
  }).start();
  const origin = originOf();
  let offset = 0;
  const deliver = (shape: number) => {
    const bytes = datum(shape);
    const delivery = {
      ...{ origin, bytes, count: 1, nextOffset: offset + 1, schemas: [schema] },
      ...{ schemaOf: undefined, unreadable: undefined, metadata: undefined },
      ...{ starts: Int32Array.of(0), ends: Int32Array.of(bytes.length) },
      offsets: Float64Array.of(offset),
    };
    offset += 1;
    stage.worker.intake.track(delivery);
    stage.deliveries.next(delivery);
  };
  return { stage, deliver };
}

/** The ids under which a Shape's Template was told, and whether all of its records could be read. */
function read(stage: Stage, shape: number) {
  const decoder = new Decoder();
  const wanted = layoutOf(shape).map(({ element }) => element.name);
  const ids = new Set<number>();
  let unknown = 0;
  let withdrawals = 0;
  for (const { octets } of stage.sender.taken) {
    const message = decoder.decode(octets);
    unknown += message.unknownSets.length;
    withdrawals += message.withdrawals.length;
    for (const { templateId, fields } of message.templates) {
      const told = fields.map(({ element }) => element.name);
      if (told.join() === wanted.join()) ids.add(templateId);
    }
  }
  return { ids: [...ids], unknown, withdrawals };
}

describe('a Template that the Worker has let go of', () => {
  test('leaves its id alone for three refreshes', async () => {
    const { stage, deliver } = await newStage();
    deliver(first);
    await stage.clock.advance(600);
    deliver(other);
    await stage.clock.advance(3 * refreshMs - 100);
    deliver(second);
    await stage.clock.advance(1000);
    expect(read(stage, first).ids).toEqual([idAlone(first)]);
    expect(read(stage, second).ids).not.toContain(idAlone(first));
    stage.stop();
  });

  test('leaves it alone for at least ten seconds, however often Templates are sent', async () => {
    const { stage, deliver } = await newStage(1000);
    deliver(first);
    await stage.clock.advance(600);
    deliver(other);
    await stage.clock.advance(9_900);
    deliver(second);
    await stage.clock.advance(1000);
    expect(read(stage, second).ids).not.toContain(idAlone(first));
    stage.stop();
  });

  test('leaves it to another one after that', async () => {
    const { stage, deliver } = await newStage();
    deliver(first);
    await stage.clock.advance(600);
    deliver(other);
    await stage.clock.advance(3 * refreshMs);
    deliver(second);
    await stage.clock.advance(1000);
    expect(read(stage, second)).toEqual({ ids: [idAlone(first)], unknown: 0, withdrawals: 0 });
    stage.stop();
  });

  test('is never withdrawn, and never sent again', async () => {
    const { stage, deliver } = await newStage();
    for (let shape = 1; shape <= 60; shape += 1) {
      deliver(shape);
      await stage.clock.advance(600);
    }
    stage.deliveries.complete();
    await stage.clock.advance(1000);
    expect(stage.isCompleted).toBe(true);
    expect(read(stage, 1)).toMatchObject({ unknown: 0, withdrawals: 0 });
    const late = stage.sender.taken.filter(({ atMs }) => atMs > 10_000);
    const told = late.flatMap(({ octets }) => new Decoder().decode(octets).templates);
    expect(told.some(({ templateId }) => templateId === idAlone(1))).toBe(false);
    stage.stop();
  });
});
