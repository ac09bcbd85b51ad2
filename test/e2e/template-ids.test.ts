// Template IDs come from content: two processes that meet the same layouts in opposite orders give
// them the same ids, also where two layouts want the same one. Needs no Kafka.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import avro, { type Schema } from 'avsc';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { Random } from '../../src/generator/random.ts';
import type { DecodedTemplate } from '../../src/ipfix/decoder.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { ReceivedFlows } from '../support/kafka/received-flows.ts';
import { Recorder } from '../support/fakes/recorder.ts';

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-template-ids-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Each may be absent by itself: 4,096 layouts, of which over a hundred want an id that is taken. */
const nullable = [
  'sourceTransportPort',
  'destinationTransportPort',
  'protocolIdentifier',
  'tcpControlBits',
  'ipClassOfService',
  'vlanId',
  'ingressInterface',
  'egressInterface',
  'bgpSourceAsNumber',
  'bgpDestinationAsNumber',
  'flowDirection',
  'flowEndReason',
];

const layouts = 1500;

test('have the same ids in whatever order a process meets them', async () => {
  const random = new Random(5);
  const presences = new Set<number>();
  while (presences.size < layouts) presences.add(random.integer(1, 2 ** nullable.length - 1));

  const forth = await idsOnTheWire([...presences]);
  const back = await idsOnTheWire([...presences].reverse());
  expect(forth.size).toBeGreaterThanOrEqual(layouts);
  const differing = Array.from(forth).filter(([layout, id]) => (back.get(layout) ?? id) !== id);
  expect(differing).toEqual([]);
});

/** What a process of its own calls the layouts of these events, one event for each. */
async function idsOnTheWire(presences: number[]): Promise<Map<string, number>> {
  const recorder = await Recorder.listen();
  onTestFinished(() => recorder.close());
  const file = await fileOf(presences);
  const { code, stderr } = await runCommand(['run'], {
    env: {
      INPUT_FILE: file,
      COLLECTORS: recorder.collector,
      MAX_TEMPLATES: '4096',
      EXPORT_RATE_LIMIT: '20000',
    },
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  await recorder.close();
  const idOf = new Map<string, number>();
  const layoutOf = new Map<number, string>();
  for (const template of recorder.messages().flatMap(({ templates }) => templates)) {
    const layout = layoutText(template);
    expect(layoutOf.get(template.templateId) ?? layout).toBe(layout);
    expect(idOf.get(layout) ?? template.templateId).toBe(template.templateId);
    layoutOf.set(template.templateId, layout);
    idOf.set(layout, template.templateId);
  }
  const received = new ReceivedFlows(recorder).update();
  expect(received).toMatchObject({ unique: presences.length, unknownSets: 0 });
  return idOf;
}

function layoutText({ fields }: DecodedTemplate): string {
  return fields.map(({ element, length }) => `${element.name}/${length}`).join(' ');
}

/** Event n has the fields whose bits are set in the nth presence. */
async function fileOf(presences: number[]): Promise<string> {
  const file = join(folder, `from-${presences[0]!}.avro`);
  const schema = {
    type: 'record',
    name: 'Flow',
    fields: [
      { name: 'flowId', type: 'long' },
      ...nullable.map((name) => ({ name, type: ['null', 'long'] })),
    ],
  };
  const encoder = avro.createFileEncoder(file, schema as Schema);
  for (const [index, presence] of presences.entries()) {
    const values = nullable.map((name, bit) => [name, (presence >> bit) & 1 ? 1 : null] as const);
    encoder.write({ flowId: index + 1, ...Object.fromEntries(values) });
  }
  encoder.end();
  await once(encoder, 'finish');
  return file;
}
