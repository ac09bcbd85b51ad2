// The published JSON Schema is what the reader of MAPPING_FILE accepts.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mappingSchemaFile, mappingSchemaText } from '../../scripts/generate-mapping-schema.ts';

test('schemas/mapping.schema.json is what src/pipeline/mapping-file.ts says now', () => {
  const text = readFileSync(mappingSchemaFile, 'utf8');
  expect(text, 'run: npm run generate:mapping').toBe(mappingSchemaText());
});

test('it knows every option, and refuses those it does not know', () => {
  const { properties } = JSON.parse(mappingSchemaText()) as {
    properties: {
      topics: { additionalProperties: { properties: object; additionalProperties: boolean } };
    };
  };
  const section = properties.topics.additionalProperties;
  expect(Object.keys(section.properties)).toContain('samplingApplied');
  expect(section.additionalProperties).toBe(false);
});
