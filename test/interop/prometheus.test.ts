// A real Prometheus scrapes a run under load: promtool has nothing to object, the account is without a
// gap at every single scrape, and dashboard and alerts are answered.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../demo/broker/free-port.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';
import { alertQueries, dashboardQueries, type Query } from '../support/processes/monitoring.ts';
import { served, urlOf } from '../support/processes/served.ts';
import { toolPath } from '../support/processes/tool-path.ts';
import { describeWithTools } from '../support/processes/tools.ts';

const scrapes = 20;

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

/** Scrapes twice a second until the test ends; its base URL. */
async function startPrometheus(target: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  writeFileSync(
    config,
    `global: { scrape_interval: 500ms, scrape_timeout: 500ms }
scrape_configs: [{ job_name: kafka2ipfix, static_configs: [{ targets: ['${target}'] }] }]\n`,
  );
  const listen = `127.0.0.1:${await freePort('127.0.0.1')}`;
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const prometheus = spawn(
    toolPath('prometheus')!,
    [...args, `--web.listen-address=${listen}`, '--log.level=error'],
    { stdio: 'ignore' },
  );
  onTestFinished(async () => {
    await ended(prometheus);
    rmSync(folder, { recursive: true, force: true });
  });
  return `http://${listen}`;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function answerTo<T>(prometheus: string, query: string): Promise<readonly T[] | undefined> {
  const asked = new URLSearchParams({ query });
  const response = await fetch(`${prometheus}/api/v1/query?${asked.toString()}`);
  const { data } = (await response.json()) as { data?: { result: readonly T[] } };
  return data?.result;
}

/** Those without an answer, or with one that is no number, by title and query. */
async function unansweredOf(prometheus: string, queries: readonly Query[]): Promise<string[]> {
  const found: string[] = [];
  for (const { title, expr } of queries) {
    const answer = await answerTo<{ value: readonly [number, string] }>(prometheus, expr);
    const isAnswered = answer?.length && answer.every(({ value: [, number] }) => number !== 'NaN');
    if (!isAnswered) found.push(`${title}: ${expr}`);
  }
  return found;
}

/** The raw samples of what the selector names, as they were scraped. */
async function samplesOf(prometheus: string, selector: string): Promise<readonly Series[]> {
  try {
    return (await answerTo<Series>(prometheus, `${selector}[10m]`)) ?? [];
  } catch {
    // It is starting.
    return [];
  }
}

/** By the time of the scrape: consumed less all that it is the sum of. */
function gapsByScrape(series: readonly Series[]): Map<number, number> {
  const gaps = new Map<number, number>();
  for (const { metric, values } of series) {
    const sign = metric['__name__'] === 'kafka2ipfix_records_consumed_total' ? 1 : -1;
    for (const [time, value] of values) {
      gaps.set(time, (gaps.get(time) ?? 0) + sign * Number(value));
    }
  }
  return gaps;
}

describeWithTools('Prometheus', ['prometheus', 'promtool'], (brokers) => {
  test('finds no gap in the account at any scrape, and an answer to all of dashboard and alerts', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 10_000 });
    onTestFinished(() => around.close());
    const stage = await around.start({ ...served, WORKERS: '2' });
    const url = await urlOf(stage);
    const prometheus = await startPrometheus(new URL(url).host);
    const account =
      '{__name__=~"kafka2ipfix_records_(consumed|exported|dead_lettered|discarded|returned)_total|kafka2ipfix_records_in_flight"}';
    let gaps = new Map<number, number>();
    while (gaps.size < scrapes) {
      await sleep(500);
      gaps = gapsByScrape(await samplesOf(prometheus, account));
    }
    console.log(`${gaps.size} scrapes, ${around.received.update().unique} events received`);
    expect([...gaps.values()].filter((gap) => gap !== 0)).toEqual([]);
    const consumed = await samplesOf(prometheus, 'kafka2ipfix_records_consumed_total');
    for (const { values } of consumed) expect(Number(values.at(-1)?.[1])).toBeGreaterThan(0);
    expect(consumed).toHaveLength(2);
    const noSuch = { title: 'not there', expr: 'kafka2ipfix_made_up' };
    const queries = [...dashboardQueries, ...alertQueries, noSuch];
    expect(await unansweredOf(prometheus, queries)).toEqual(['not there: kafka2ipfix_made_up']);
    const lag = await samplesOf(prometheus, 'kafka2ipfix_kafka_lag_records');
    // A partition that moved from one Worker to the other was scraped of both.
    const partitions = new Set(lag.map(({ metric }) => metric['partition']));
    expect([...partitions].sort()).toEqual(['0', '1', '2', '3']);

    const check = spawn(toolPath('promtool')!, ['check', 'metrics'], { stdio: 'pipe' });
    let said = '';
    for (const output of [check.stdout, check.stderr]) {
      output.setEncoding('utf8').on('data', (text: string) => (said += text));
    }
    check.stdin.end(await (await fetch(`${url}/metrics`)).text());
    const [code] = (await once(check, 'close')) as [number];
    expect({ code, said }).toEqual({ code: 0, said: '' });
    await around.feed.stop();
    expect(await stage.stop()).toBe(0);
  });
});
