// Which preset is named where the one in the settings fits badly, or none is named.

import { expect, test } from 'vitest';
import { presets, presetsNamed } from '../../../../src/pipeline/mapping/presets/presets.ts';
import { bestPreset } from '../../../../src/pipeline/mapping/presets/preset-fit.ts';
import { mappingFromSchema } from '../../../support/events/mapping.ts';

const schemaOf = (...names: string[]) => ({
  type: 'record',
  name: 'E',
  fields: names.map((name) => ({ name, type: 'string' })),
});

const warningsOf = (names: string[], ...fields: string[]) =>
  mappingFromSchema(schemaOf(...fields), { section: {}, presets: presetsNamed(names).presets })
    .warnings.filter(({ path }) => path.startsWith('preset'))
    .map(({ path, problem }) => `${path}: ${problem}`);

test.each(presets.map((preset) => [preset.name, preset] as const))(
  'the names of %s fit itself best',
  (_, preset) => {
    const paths = Object.keys(preset.mapping.fields ?? {});
    expect(bestPreset(paths)).toEqual({ preset, fields: paths.length });
  },
);

test('a preset without any name of the schema is warned of, with the one that fits', () => {
  const fields = ['srcaddr', 'dstaddr', 'srcport', 'start', 'flowId'];
  expect(warningsOf(['ecs'], ...fields)).toEqual([
    'preset ecs: maps no field: the schema has none of source.ip, destination.ip, source.port, …; ' +
      'preset "aws-vpc" has 4 of its fields',
  ]);
  expect(warningsOf(['aws-vpc'], ...fields)).toEqual([]);
});

test('so is a preset of which few names are there, where another fits twice as well', () => {
  const fields = ['srcaddr', 'dstaddr', 'srcport', 'start', 'bytes', 'packets'];
  expect(warningsOf(['pmacct'], ...fields)).toEqual([
    'preset pmacct: maps only 2 fields of the schema; preset "aws-vpc" has 6 of its fields',
  ]);
  expect(warningsOf(['pmacct', 'aws-vpc'], ...fields)).toEqual([]);
});

test('a schema of which nothing is mapped names the preset that fits', () => {
  const schema = schemaOf('ip_srcc', 'TimeFlowStartMs', 'TimeFlowEndMs', 'AgentIP');
  const problemsOf = (json: unknown, names: string[]) =>
    mappingFromSchema(json, { section: {}, presets: presetsNamed(names).presets }).faults.map(
      ({ problem }) => problem,
    );
  expect(problemsOf(schema, [])).toEqual([
    'no field maps to an Information Element; name them in MAPPING_FILE, or add "ipfix" ' +
      'attributes; preset "netobserv" has 3 of its fields (MAPPING_PRESET)',
  ]);
  expect(problemsOf(schemaOf('bytess', 'note'), [])).toEqual([
    expect.stringMatching(/or add "ipfix" attributes$/),
  ]);
});
