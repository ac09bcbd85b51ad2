// docs/metrics.md against src/http/metric-definitions.ts.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateMetricsDoc } from '../../scripts/generate-metrics-doc.ts';

test('docs/metrics.md is what src/http/metric-definitions.ts says now', async () => {
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  expect(page, 'run: npm run generate:metrics').toBe(await generateMetricsDoc());
});
