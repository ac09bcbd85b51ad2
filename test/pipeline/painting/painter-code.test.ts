// The code that is generated for the default schema, as a file to read and to review.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { painterFile, painterText } from '../../../scripts/generate-painter.ts';

test('test/vectors/painter-of-flow-event.js is the compiled Painter of the default schema', async () => {
  expect(readFileSync(painterFile, 'utf8'), 'run: npm run generate:painter').toBe(
    await painterText(),
  );
});
