// MAPPING_FILE: YAML and JSON, and every fault of it at once, with its path, line and fix.

import { describe, expect, test } from 'vitest';
import { readMappingFile, sectionFor } from '../../../src/pipeline/mapping/mapping-file.ts';

const faultsOf = (text: string) =>
  readMappingFile(text).faults.map(({ path, problem }) => `${path}: ${problem}`);

describe('a mapping', () => {
  test('is YAML or JSON, with one or more of what may be several', () => {
    const yaml = `
topics:
  flows:
    preset: pmacct
    fields:
      a: sourceAddress
      b: { element: octetDeltaCount, nullValues: 0, fallback: c }
      c: [flowId, { element: observationPointId, nullValues: [1, 2] }]
    skip:
      - { reason: marker, field: kind, is: x }
`;
    const section = {
      preset: ['pmacct'],
      fields: {
        a: 'sourceAddress',
        b: { element: 'octetDeltaCount', nullValues: [0], fallback: ['c'] },
        c: ['flowId', { element: 'observationPointId', nullValues: [1, 2] }],
      },
      skip: [{ reason: 'marker', field: 'kind', is: ['x'] }],
    };
    const { file, faults } = readMappingFile(yaml);
    expect(faults).toEqual([]);
    expect(file).toEqual({ topics: { flows: section } });
    expect(readMappingFile(JSON.stringify(file)).file).toEqual(file);
  });

  test('keeps the order in which its fields are written', () => {
    const { file } = readMappingFile(
      'topics: { t: { fields: { z: flowId, a: vlanId, m: ipTTL } } }',
    );
    expect(Object.keys(file!.topics['t']!.fields!)).toEqual(['z', 'a', 'm']);
  });

  test('of a topic without a section is that of all others, or empty', () => {
    const { file } = readMappingFile('topics: { a: { zone: UTC }, "*": { biflow: forward } }');
    expect(sectionFor(file, 'a')).toEqual({ zone: 'UTC' });
    expect(sectionFor(file, 'b')).toEqual({ biflow: 'forward' });
    expect(sectionFor(undefined, 'b')).toEqual({});
  });
});

test('what is not at fault is read no less, so that a schema can be held to it', () => {
  const text = 'topics: { t: { biflow: both, fields: { a: flowId, b: { elment: x }, $x: y } } }';
  const { file, faults } = readMappingFile(text);
  expect(faults).toHaveLength(4);
  expect(file).toEqual({ topics: { t: { fields: { a: 'flowId' } } } });
});

describe('a fault', () => {
  test('of each kind is reported with the others', () => {
    const text = `topics:
  flows:
    presets: pmacct
    preset: pmact
    biflow: both
    framing: confluant
    fields:
      a: { element: flowId, unit: sec }
      b: { elment: flowId }
      c: { element: octetDeltaCount, times: 2 }
      d: { element: basicList }
      e: 7
`;
    expect(faultsOf(text)).toEqual([
      'topics.flows.preset (line 4): is not one of pmacct, ktranslate, goflow2, akvorado, netobserv, ' +
        'ecs, aws-vpc; did you mean "pmacct"?',
      'topics.flows.biflow (line 5): is not one of split, reverse, forward',
      'topics.flows.fields.a.unit (line 8): is not one of s, ms, us, ns, bits; did you mean "s"?',
      'topics.flows.fields.b.elment (line 9): is not an option; did you mean "element"?',
      'topics.flows.fields.b.element (line 9): is missing; add it',
      'topics.flows.fields.c (line 10): "times" needs "plus"; name it',
      'topics.flows.fields.d (line 11): basicList needs "of", the element of its items',
      'topics.flows.fields.e (line 12): has the wrong form; see docs/mapping.md',
      'topics.flows.presets (line 3): is not an option; did you mean "preset"?',
      'topics.flows.framing (line 6): "confluant" is not one of confluent, apicurio8, single-object, ' +
        'bare, bare-many, ocf, each also with +base64',
    ]);
  });

  test('is a name of an enterprise element that is empty, too long, or has a NUL', () => {
    const named = (name: string) => {
      const spec = { element: '32473/1', type: 'unsigned8', name };
      return faultsOf(JSON.stringify({ topics: { t: { fields: { a: spec } } } }));
    };
    const fault = 'is not a name: 1 to 100 characters, none of them NUL';
    for (const wrong of ['', 'a'.repeat(101), 'a\0b']) {
      expect(named(wrong)).toEqual([expect.stringContaining(fault)]);
    }
    expect(named('🙂'.repeat(100))).toEqual([]);
  });

  test('that the shape does not show is reported too', () => {
    const text = `topics:
  flows:
    framing: confluant
    fields:
      $ky: flowId
      $constant: { element: flowId }
      f: { element: flowId, value: 1 }
      1st: flowId
`;
    expect(faultsOf(text)).toEqual([
      'topics.flows.framing (line 3): "confluant" is not one of confluent, apicurio8, single-object, ' +
        'bare, bare-many, ocf, each also with +base64',
      'topics.flows.fields.$ky (line 5): is not a source; did you mean "$key"?',
      'topics.flows.fields.$constant (line 6): a constant needs "value"',
      'topics.flows.fields.f (line 7): "value" is for $constant',
      'topics.flows.fields.1st (line 8): is not a field: Avro names do not begin with a digit',
    ]);
  });

  test.each([
    ['topics: [', /^line 1: is neither YAML nor JSON: /],
    ['topics: {}\ntopics: {}', /^line 2: is neither YAML nor JSON: .*unique/],
    ['', /^\(file\): is not of type object$/],
    ['[]', /^\(file\): is not of type object$/],
    ['flows: {}', /^topics.*: is missing; add it$/],
    [`a: ${'x'.repeat(1_048_576)}`, /^\(file\): is longer than 1048576 characters$/],
  ])('of the file itself: %#', (text, fault) => {
    expect(faultsOf(text)[0]).toMatch(fault);
  });

  test('is an alias of aliases without end', () => {
    const bomb = [
      'a: &a [x, x]',
      ...'bcdefghij'.split('').map((name, i) => {
        const before = 'abcdefghij'[i]!;
        return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`;
      }),
    ].join('\n');
    expect(() => faultsOf(bomb)).not.toThrow();
    expect(faultsOf(bomb).length).toBeGreaterThan(0);
  });
});
