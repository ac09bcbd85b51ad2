// src/pipeline/mapping/mapping-file.ts → schemas/mapping.schema.json, for editors that complete and check
// MAPPING_FILE. Run: npm run generate:mapping

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { mappingFileSchema } from '../src/pipeline/mapping/mapping-file.ts';

export const mappingSchemaFile = join(import.meta.dirname, '..', 'schemas', 'mapping.schema.json');

export function mappingSchemaText(): string {
  const schema = z.toJSONSchema(mappingFileSchema, { io: 'input' });
  const title = 'MAPPING_FILE of kafka2ipfix';
  return `${JSON.stringify({ ...schema, title }, undefined, 2)}\n`;
}

if (import.meta.main) writeFileSync(mappingSchemaFile, mappingSchemaText());
