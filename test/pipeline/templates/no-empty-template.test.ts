// A Template without fields is a withdrawal (RFC 7011 §8.1) and must not be sent over UDP (§8.4): none is
// listed, announced or written, whatever the mapping is, and an event that would need one is a bad event.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Decoder } from '../../../src/ipfix/decoder.ts';
import { templateMessages, writeTemplateRecord } from '../../../src/ipfix/template.ts';
import { TopicBindings } from '../../../src/pipeline/mapping/bindings.ts';
import { readMappingFile, sectionFor } from '../../../src/pipeline/mapping/mapping-file.ts';
import type { Mapping, TopicWords } from '../../../src/pipeline/mapping/mapping.ts';
import { presetsNamed } from '../../../src/pipeline/mapping/presets/presets.ts';
import { likelyLayouts, possibleShapes, Shapes } from '../../../src/pipeline/templates/shapes.ts';
import { TemplateIds } from '../../../src/pipeline/templates/template-ids.ts';
import { runCommand } from '../../support/processes/command-line.ts';
import { originOf } from '../../support/events/flow-events.ts';
import { messagesIn, namesIn } from '../../support/oracles/ipfix-files.ts';
import { bindingFor, mappingFromSchema } from '../../support/events/mapping.ts';
import { deliveryOfDatums, TwoPainters } from '../../support/events/two-painters.ts';
import { Stage } from '../../support/fakes/scripted-stage.ts';

type Fields = Readonly<Record<string, unknown>>;

const schemaOf = (types: Fields) => ({
  type: 'record',
  name: 'E',
  fields: Object.entries(types).map(([name, type]) => ({ name, type })),
});

function wordsOf(section: object, presets: readonly string[] = []): TopicWords {
  const { file, faults } = readMappingFile(JSON.stringify({ topics: { '*': section } }));
  expect(faults).toEqual([]);
  return { section: sectionFor(file, 'any'), presets: presetsNamed(presets).presets };
}

const orNull = (type: unknown) => ['null', type];
const allNullable = schemaOf({ src_ip: orNull('string'), bytes: orNull('long') });

/** How many fields each Template has that a Worker with this mapping announces, at the start and later. */
async function announced(mapping: Mapping, words: TopicWords) {
  const stage = new Stage({
    known: [mapping],
    bindingsOf: () => new TopicBindings({ words }),
    templateRefreshIntervalMs: 1000,
    onBadEvent: 'discard',
  });
  await stage.start();
  await stage.clock.advance(3500);
  const origin = originOf();
  // Two nulls: an event without any value.
  const nothing = Buffer.from([0, 0]);
  const delivery = {
    ...{ origin, bytes: nothing, count: 1, nextOffset: 101, schemaOf: undefined },
    schemas: [{ name: 'E', json: allNullable }],
    ...{ unreadable: undefined, metadata: undefined },
    ...{ starts: Int32Array.of(0), ends: Int32Array.of(2), offsets: Float64Array.of(100) },
  };
  stage.worker.intake.track(delivery);
  stage.deliveries.next(delivery);
  await stage.clock.advance(3500);
  const decoder = new Decoder();
  const messages = stage.sender.taken.map(({ octets }) => decoder.decode(octets));
  const { account } = stage.worker.ledger;
  stage.stop();
  return {
    fields: messages.flatMap(({ templates }) => templates.map(({ fields }) => fields.length)),
    withdrawals: messages.flatMap(({ withdrawals }) => withdrawals),
    account,
  };
}

describe('where all mapped fields can be null', () => {
  const words = wordsOf({});
  const mapping = mappingFromSchema(allNullable, words);

  test('no Template without fields is announced over UDP, and the event is a bad one', async () => {
    const { fields, withdrawals, account } = await announced(mapping, words);
    expect(fields.length).toBeGreaterThan(5);
    expect(Math.min(...fields)).toBe(1);
    expect(withdrawals).toEqual([]);
    expect(account).toMatchObject({ consumed: 1, exported: 0, discarded: 1 });
    expect(account.discardedByReason).toEqual({ 'bad event': 1 });
  });

  test('no Template without fields is written to a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-no-empty-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const input = join(folder, 'events.avro');
    const type = avro.Type.forSchema(allNullable as avro.Schema);
    const encoder = avro.createFileEncoder(input, type);
    encoder.end({ src_ip: '192.0.2.1', bytes: 7 });
    await finished(encoder);
    const env = { COLLECTORS: `file:${join(folder, 'flows.ipfix')}`, HTTP_LISTEN: 'off' };
    const { code, stderr } = await runCommand(['run', '--input', input], { env });
    expect(code, stderr).toBe(0);
    const decoder = new Decoder({ withdrawals: 'obey' });
    const messages = messagesIn(
      folder,
      namesIn(folder).find((name) => name.endsWith('ipfix'))!,
    );
    const decoded = messages.map((octets) => decoder.decode(octets));
    expect(decoded.flatMap(({ withdrawals }) => withdrawals)).toEqual([]);
    expect(decoded.flatMap(({ records }) => records)).toHaveLength(1);
  });

  test('five Shapes are possible, not six, and no id is kept for the sixth', () => {
    expect(possibleShapes(mapping.forward)).toBe(5);
    expect([...likelyLayouts(mapping.forward)]).toHaveLength(5);
    expect(new Shapes(mapping.forward).of([0, 0])).toBeUndefined();
  });

  test('the mapping warns of events without any value', () => {
    expect(mapping.faults).toEqual([]);
    expect(mapping.warnings[0]!.problem).toContain('all mapped fields can be null');
    const fixed = schemaOf({ src_ip: 'string', bytes: orNull('long') });
    expect(mappingFromSchema(fixed).warnings).toEqual([]);
  });

  test('both Painters refuse such an event with the same words', () => {
    const painters = TwoPainters.of(bindingFor(allNullable, mapping))!;
    const { said, frames } = painters.paint([
      deliveryOfDatums([Buffer.from([0, 0])], { partition: 0, firstOffset: 0 }),
    ]);
    expect(frames).toEqual([]);
    expect(said[0]).toContain('all of its mapped fields are null');
    expect(said[0]).toContain('"skip"');
  });
});

test('no random mapping makes a Shape, a layout or an announcement without fields', () => {
  const kinds = fc.constantFrom('sourceAddress', 'vlanId', 'sourcePrefixLength', 'icmpType');
  const field = fc.record({ element: kinds, nullable: fc.boolean(), group: fc.boolean() });
  const anyFields = fc.uniqueArray(field, { selector: ({ element }) => element, minLength: 1 });
  fc.assert(
    fc.property(anyFields, (fields) => {
      const types = fields.map(({ element, nullable }, i) => {
        const type = element === 'sourceAddress' ? 'bytes' : 'int';
        return [`f${i}`, nullable ? orNull(type) : type] as const;
      });
      const said = fields.map(({ element, nullable, group }, i) => [
        `f${i}`,
        nullable && group ? { element, group: 'g' } : element,
      ]);
      const words = wordsOf({ fields: Object.fromEntries(said) as object });
      const { forward } = mappingFromSchema(schemaOf(Object.fromEntries(types)), words);
      const shapes = new Shapes(forward);
      const layouts = [...likelyLayouts(forward)];
      expect(layouts.every(({ length }) => length > 0)).toBe(true);
      expect(shapes.known.every(({ template }) => template.fields.length > 0)).toBe(true);
      expect(possibleShapes(forward)).toBe(layouts.length);
    }),
    { numRuns: 300 },
  );
});

describe('a mapping in which nothing can be carried', () => {
  const reverse = { out: 'reverseOctetDeltaCount' };

  test.each(['split', 'forward'])('is refused: only reverse elements, biflow %s', (biflow) => {
    const { faults } = mappingFromSchema(schemaOf({ out: 'long' }), {
      ...wordsOf({ biflow, fields: reverse }),
    });
    expect(faults.map(({ problem }) => problem)).toEqual([
      expect.stringMatching(/the forward record has no field; .*"biflow": "reverse"/),
    ]);
  });

  test('is not one whose reverse elements go in one record', () => {
    const words = wordsOf({ biflow: 'reverse', fields: reverse });
    expect(mappingFromSchema(schemaOf({ out: 'long' }), words).faults).toEqual([]);
  });

  test('of a schema whose events are all dropped by their names has no Template', () => {
    const words = wordsOf({ skip: [{ reason: 'marker', field: '$record', is: ['E'] }] });
    const mapping = mappingFromSchema(schemaOf({ note: 'string' }), words);
    expect([mapping.faults, mapping.warnings]).toEqual([[], []]);
    expect(new Shapes(mapping.forward).known).toEqual([]);
    expect(possibleShapes(mapping.forward)).toBe(0);
  });

  test('is warned of where a preset has none of its names in the schema', () => {
    const vpc = schemaOf({ srcaddr: 'string', dstport: 'int', flow_direction: orNull('string') });
    const mapping = mappingFromSchema(vpc, wordsOf({}, ['ecs']));
    expect(new Shapes(mapping.forward).known.map(({ template }) => template.fields.length)).toEqual(
      [1],
    );
    expect(mapping.warnings.map(({ path }) => path)).toEqual(['preset ecs', '(schema)']);
    expect(mapping.warnings[0]!.problem).toContain('maps no field: the schema has none of source.');
    expect(mappingFromSchema(vpc, wordsOf({}, ['aws-vpc'])).warnings).toEqual([]);
  });
});

test('a Template Record without fields cannot be written, by any way to a collector or a file', () => {
  const problem = 'has no fields; it needs at least 1';
  expect(() => writeTemplateRecord(Buffer.alloc(8), 0, 256, [])).toThrow(problem);
  expect(() => templateMessages([{ id: 256, fields: [] }], 512)).toThrow(problem);
  expect(() => new TemplateIds([]).templateOf([])).toThrow(problem);
});
