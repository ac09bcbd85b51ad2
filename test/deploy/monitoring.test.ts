// Dashboard and alerts: Prometheus reads every query in them, each metric is one that the program has,
// each alert has its paragraph in the runbook and speaks when it should. No server is started here.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import {
  alerts,
  alertsFile,
  dashboard,
  dashboardQueries as queries,
} from '../support/processes/monitoring.ts';
import { describeWithPrograms } from '../support/processes/tools.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const run = promisify(execFile);

/** Metrics named in a query; those of a histogram by the histogram's name. */
const metricsIn = (expr: string): string[] =>
  Array.from(expr.matchAll(/\b((?:kafka2ipfix|process|nodejs)_\w+)/g), ([, name]) =>
    name!.replace(/_(bucket|sum|count)$/, ''),
  );

const documented = (): Set<string> =>
  new Set(
    Array.from(
      read('docs/metrics.md').matchAll(/`((?:kafka2ipfix|process|nodejs)_\w+)`/g),
      ([, name]) => name!,
    ),
  );

describe.each([
  ['the dashboard', queries],
  ['the alerts', alerts.map(({ alert, expr }) => ({ title: alert, expr }))],
])('%s', (_name, asked) => {
  test('asks for metrics that the program has, and for none else', () => {
    const names = asked.flatMap(({ expr }) => metricsIn(expr));
    expect(names.length).toBeGreaterThan(10);
    const known = documented();
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});

test('the variables of the dashboard come of a metric that the program has', () => {
  const definitions = dashboard.templating.list.flatMap(({ definition }) => definition ?? []);
  expect(definitions.flatMap(metricsIn)).toEqual(definitions.map(() => 'kafka2ipfix_build_info'));
});

test('a metric that does not exist would be found', () => {
  expect(metricsIn('rate(kafka2ipfix_made_up_bucket[5m])')).toEqual(['kafka2ipfix_made_up']);
});

test.each(alerts)('$alert has a paragraph in the runbook', ({ alert, annotations }) => {
  expect(annotations['runbook_url']).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
  const [, text = ''] =
    new RegExp(`^## ${alert}\n([^]*?)(?=^## |(?![^]))`, 'm').exec(read('docs/runbook.md')) ?? [];
  expect(text.length).toBeGreaterThan(100);
});

test('the runbook has no paragraph for an alert that is no more', () => {
  const paragraphs = Array.from(
    read('docs/runbook.md').matchAll(/^## (.+)$/gm),
    ([, name]) => name,
  );
  expect(paragraphs).toEqual(alerts.map(({ alert }) => alert));
});

describeWithPrograms('Prometheus', ['promtool'], () => {
  test('reads the alerts without a complaint', async () => {
    const { stdout } = await run('promtool', ['check', 'rules', '--lint-fatal', alertsFile]);
    expect(stdout).toContain(`SUCCESS: ${alerts.length} rules found`);
  });

  test('has the alerts speak when they should, and else be silent', async () => {
    const examples = join(root, 'test/deploy/alerts.test.yaml');
    const { stdout } = await run('promtool', ['test', 'rules', examples]);
    expect(stdout).toContain('SUCCESS');
  });

  test('can read every query of the dashboard', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-queries-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const rules = queries.map(({ expr }, i) => ({ record: `query:${i}`, expr }));
    const file = join(folder, 'queries.yaml');
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { stdout } = await run('promtool', ['check', 'rules', file]);
    expect(stdout).toContain(`SUCCESS: ${queries.length} rules found`);
  });

  test('can read its own configuration in docker-compose.yml', async () => {
    const file = join(root, 'deploy/prometheus/prometheus.yml');
    const { stdout } = await run('promtool', ['check', 'config', '--syntax-only', file]);
    expect(stdout).toContain('SUCCESS');
  });
});
