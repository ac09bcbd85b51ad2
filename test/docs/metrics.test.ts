// docs/metrics.md against src/http/metric-definitions.ts.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateMetricsDoc } from '../../scripts/generate-metrics-doc.ts';

test('docs/metrics.md is what src/http/metric-definitions.ts says now', async () => {
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  expect(page, 'run: npm run generate:metrics').toBe(await generateMetricsDoc());
});

test('docs/metrics.md names every reason that /readyz can give', () => {
  const source = readFileSync(new URL('../../src/http/health.ts', import.meta.url), 'utf8');
  const [, list = ''] = /type ReasonCode =\n([^;]+);/.exec(source) ?? [];
  const codes = Array.from(list.matchAll(/'(\w+)'/g), ([, code]) => code!);
  expect(codes.length).toBeGreaterThan(5);
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});
