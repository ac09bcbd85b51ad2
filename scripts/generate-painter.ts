// The compiled Painter of schemas/flow-event.avsc → test/vectors/painter-of-flow-event.js, formatted, so that
// it can be read and a change in it can be reviewed. Run: npm run generate:painter

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { eventReader } from '../src/avro/event-reader.ts';
import { bindingOf } from '../src/pipeline/mapping/bindings.ts';
import { planOf } from '../src/pipeline/painting/compiled/compiled-plan.ts';
import { paintCode } from '../src/pipeline/painting/compiled/paint-code.ts';
import { branchesOf } from '../src/pipeline/templates/shapes.ts';

const root = join(import.meta.dirname, '..');
const schemaFile = join(root, 'schemas', 'flow-event.avsc');

export const painterFile = join(root, 'test', 'vectors', 'painter-of-flow-event.js');

const header = `// The function that paints the events of schemas/flow-event.avsc, as it is generated. Its names are listed in
// src/pipeline/painting/compiled/field-code.ts. Made by: npm run generate:painter

`;

export async function painterText(): Promise<string> {
  const json: unknown = JSON.parse(readFileSync(schemaFile, 'utf8'));
  const binding = bindingOf({ name: 'flow-event.avsc', json }, { section: {}, presets: [] });
  const { rules, paths, fields } = binding.mapping;
  const plan = planOf(binding)!;
  const reader = eventReader(plan.root, paths);
  const { code } = paintCode({ plan, paths, rules, branches: branchesOf(fields), reader });
  const options = await resolveConfig(painterFile);
  return format(`${header}export function painterOfFlowEvent() {\n${code}\n}\n`, {
    ...options,
    filepath: painterFile,
  });
}

if (import.meta.main) writeFileSync(painterFile, await painterText());
