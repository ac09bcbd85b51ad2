// The status page in a real browser, of real runs: under load, with a burst of dead letters, with the
// collector down, with the brokers down, and when nothing answers any more. SCREENSHOTS names a folder in
// which pictures are left: of each, wide and on a phone, light and dark, and docs/status-page.png.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { kafkaJars } from '../../demo/broker/kafka-jars.ts';
import { startKafkaNode } from '../../demo/broker/kafka-jvm.ts';
import { encode, flowEvent } from '../support/events/flow-events.ts';
import { createTopic, produceMessages, type TestMessage } from '../support/kafka/kafka.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { served, untilReadiness, urlOf } from '../support/processes/served.ts';
import type { Stage } from '../support/processes/stage-process.ts';
import { toolPath } from '../support/processes/tool-path.ts';
import { describeWithTools } from '../support/processes/tools.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screenshots = process.env['SCREENSHOTS'];
const desk = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds: by its rule, and where. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate('axe.run()');
  return (found as { violations: readonly Finding[] }).violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
  );
}

/** Pictures of what the page shows now, as others see it. */
async function pictures(browser: Browser, url: string, name: string): Promise<void> {
  if (screenshots === undefined) return;
  for (const options of [desk, phone]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ ...options, colorScheme });
      await page.goto(url);
      // Rates need two answers.
      await page.waitForTimeout(2_500);
      const file = `${name}-${options.viewport.width}-${colorScheme}.png`;
      await page.screenshot({ path: join(screenshots, file), fullPage: true });
      await page.close();
    }
  }
}

// No sandbox: it wants more rights than a container gives, and the page is our own.
const launched = (): Promise<Browser> =>
  chromium.launch({ executablePath: toolPath('chromium')!, args: ['--no-sandbox'] });

/** The pointer at a part of a chart's width. */
async function pointAt(page: Page, id: string, part: number): Promise<void> {
  const box = (await page.locator(id).boundingBox())!;
  await page.mouse.move(box.x + box.width * part, box.y + box.height / 2);
}

const textOf = (page: Page, selector: string) => page.locator(selector).innerText();

describeWithTools('the status page', ['chromium'], (brokers) => {
  let browser: Browser;
  let around: KafkaStage;
  let stage: Stage;
  let url: string;
  let letters: string;
  let recorder: Recorder | undefined;

  beforeAll(async () => {
    const launch = launched();
    around = await KafkaStage.around({ brokers, ratePerSecond: 1_000 });
    letters = await createTopic();
    const env = { ...served, WORKERS: '2', DLQ_TOPIC: letters, AVRO_FRAMING: 'bare-many' };
    stage = await around.start(env);
    browser = await launch;
    await untilReadiness(stage, 'ready');
    await around.untilCaughtUp();
    url = await urlOf(stage);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), around.close(), recorder?.close()]);
  });

  /** The page; what it asks of others than its server, or complains of, fails the test. */
  async function open(options: BrowserContextOptions): Promise<Page> {
    const page = await browser.newPage(options);
    const faults: string[] = [];
    let asked = 0;
    page.on('request', (request) => {
      asked += 1;
      if (new URL(request.url()).origin !== url) faults.push(request.url());
    });
    page.on('console', (message) => faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    onTestFinished(async () => {
      await page.close();
      expect(faults).toEqual([]);
      expect(asked).toBeGreaterThan(2);
    });
    await page.goto(url);
    await page.locator('#state:not([data-state=unknown])').waitFor();
    return page;
  }

  /** The parts of the account, the sum first, as they are shown. */
  const account = async (page: Page): Promise<number[]> =>
    Array.from((await textOf(page, '#account')).matchAll(/[\d,]+/g), ([text]) =>
      Number(text.replaceAll(',', '')),
    );

  test('shows what is exported, by itself', async () => {
    const page = await open(desk);
    // Asked from here: the page's own policy lets nobody evaluate a text in it.
    const soon = { timeout: 30_000, interval: 200 };
    const rateNow = async () => Number((await textOf(page, '#rate-now')).replaceAll(',', ''));
    await expect.poll(rateNow, soon).toBeGreaterThan(100);
    const chart = () => page.locator('#rate path.one').getAttribute('d');
    await expect.poll(chart, soon).toMatch(/^M(.*L){3}/);
    if (screenshots !== undefined) await page.waitForTimeout(110_000);
    // The server keeps the past, so that a page opened later has it too.
    await page.reload();
    await page.locator('#state[data-state=ready]').waitFor();
    expect(await chart()).toMatch(/^M(.*L){3}/);
    expect(await page.locator('#rate svg').getAttribute('aria-label')).toMatch(
      /Events exported per second/,
    );
    expect(await page.locator('#partitions tbody tr').count()).toBe(4);
    expect(await page.locator('#workers tbody tr').count()).toBe(2);
    expect(await page.locator('#bad-section').isVisible()).toBe(false);
    expect(await findings(page)).toEqual([]);
    const [consumed, ...parts] = await account(page);
    expect(consumed).toBe(parts.reduce((sum, part) => sum + part, 0));
    await pictures(browser, url, 'load');
  });

  test('names its host, and shows how busy each Worker is', async () => {
    const page = await open(desk);
    expect(await textOf(page, 'h1')).toBe(`kafka2ipfix on ${hostname()}`);
    expect(await page.title()).toBe(`${hostname()} – kafka2ipfix`);
    const row = page.locator('#workers tbody tr').first();
    await expect.poll(() => row.innerText(), { timeout: 10_000 }).toMatch(/\d+ %/);
  });

  test('sorts the partitions by their lag, the largest first', async () => {
    const page = await open(desk);
    const cells = page.locator('#partitions tbody td:nth-child(2)');
    const lags = (await cells.allInnerTexts()).map((text) => Number(text.replaceAll(',', '')));
    expect(lags).toHaveLength(4);
    expect(lags).toEqual(lags.toSorted((a, b) => b - a));
  });

  test('shows the value under the pointer, and under a finger until another place is touched', async () => {
    const page = await open(desk);
    const tip = page.locator('#rate .tip');
    expect(await tip.isVisible()).toBe(false);
    await pointAt(page, '#rate', 0.99);
    expect(await tip.innerText()).toMatch(
      /^\d\d:\d\d:\d\d UTC\n[\d.,]+ exported\n[\d.,]+ consumed$/,
    );
    await page.mouse.move(1, 1);
    expect(await tip.isVisible()).toBe(false);
    const touched = await open(phone);
    await touched.locator('#lag').tap();
    expect(await touched.locator('#lag .tip').innerText()).toMatch(/ records$/);
    await touched.locator('h1').tap();
    expect(await touched.locator('#lag .tip').isVisible()).toBe(false);
  });

  test('has a zero line and two gridlines with their values', async () => {
    const page = await open(desk);
    expect(await page.locator('#rate path.zero').getAttribute('d')).toBe('M0 100H600');
    expect(await page.locator('#rate path.grid').getAttribute('d')).toBe('M0 0H600M0 50H600');
    const [zero, ...values] = await page.locator('#rate .y').allInnerTexts();
    expect(zero).toBe('0');
    expect(values).toHaveLength(2);
  });

  test('folds the Templates, and shows at most ten with topic, IP version and rate', async () => {
    const page = await open(desk);
    expect(await page.locator('#templates').isVisible()).toBe(false);
    await page.locator('#templates-rest summary').click();
    const row = page.locator('#templates tbody tr').first();
    await row.waitFor();
    expect(await page.locator('#templates tbody tr').count()).toBeLessThanOrEqual(10);
    const cells = await row.locator('td').allInnerTexts();
    expect(cells).toEqual([
      expect.stringMatching(/^\d+$/),
      around.topic,
      expect.stringMatching(/^[46]$/),
      expect.any(String),
      expect.stringMatching(/^[\d,]+$/),
      expect.stringContaining('Address'),
    ]);
    expect(await findings(page)).toEqual([]);
  });

  test('shows a burst of dead letters as it comes, and why', async () => {
    const page = await open(desk);
    const value = encode(flowEvent({ sourcePort: 70_000 }));
    await produceMessages(around.topic, new Array<TestMessage>(500).fill({ value }));
    await page.locator('#account', { hasText: /dead-lettered\s*500/ }).waitFor();
    // Ready, but not green.
    await page.locator('#state[data-state=warn]').waitFor();
    expect(await textOf(page, '#state')).toBe('Ready, but some events cannot be exported');
    const [consumed, ...parts] = await account(page);
    expect(consumed).toBe(parts.reduce((sum, part) => sum + part, 0));
    expect(await textOf(page, '#bad-tiles')).toContain('BAD_EVENT 500');
    const bad = await textOf(page, '#bad tbody');
    expect(bad).toContain('sourceTransportPort: 70000');
    expect(bad).toContain(`dead-lettered to ${letters}`);
    expect(bad).toMatch(new RegExp(`${around.topic}\\[\\d\\] offset \\d+`));
    expect(await findings(page)).toEqual([]);
    await pictures(browser, url, 'dead-letters');
  });

  test('is no wider than a phone, shows the lag there, and can be walked through by keyboard', async () => {
    const page = await open(phone);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    const lag = "document.querySelector('#partitions tbody td:nth-child(2)')";
    const right = await page.evaluate(`${lag}.getBoundingClientRect().right`);
    expect(right).toBeGreaterThan(0);
    expect(right).toBeLessThanOrEqual(390);
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the figures');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe('region');
  });

  test('says that the collector is down, and when it is back; dark', async () => {
    const { host, port } = around.recorder;
    const page = await open({ ...desk, colorScheme: 'dark' });
    await around.recorder.close();
    await page.locator('#state[data-state=not]').waitFor({ timeout: 30_000 });
    // One Worker may notice it a moment before the other.
    const refusing = page.locator('#collectors tbody tr', { hasText: 'refusing (ECONNREFUSED)' });
    await refusing.nth(1).waitFor();
    expect(await page.locator('#reasons li').allInnerTexts()).toEqual([
      expect.stringContaining(`${host}:${port} refuses (ECONNREFUSED)`),
    ]);
    expect(await textOf(page, '#workers')).toContain(`the collector ${host}:${port} (refuses)`);
    expect(await textOf(page, '#troubles')).toContain('the collector refuses');
    // What is wrong stands above all figures.
    const top = async (id: string) => (await page.locator(id).boundingBox())!.y;
    expect(await top('#troubles')).toBeLessThan(await top('#rate'));
    expect(await findings(page)).toEqual([]);
    if (screenshots !== undefined) await page.waitForTimeout(20_000);
    await pictures(browser, url, 'collector-down');
    recorder = await Recorder.listen({ host, port });
    await page.locator('#state:not([data-state=not])').waitFor({ timeout: 30_000 });
  });

  test('says that it is stale when nothing answers any more', async () => {
    const page = await browser.newPage(desk);
    onTestFinished(() => page.close());
    await page.goto(url);
    await page.locator('#state:not([data-state=unknown])').waitFor();
    stage.kill('SIGKILL');
    await page.locator('#state[data-state=stale]').waitFor({ timeout: 30_000 });
    expect(await textOf(page, '#state')).toMatch(/^No answer for \d+ s: the data below is stale$/);
    expect(await findings(page)).toEqual([]);
  });
});

describeWithTools('the status page of a run whose brokers are frozen', ['chromium', 'java'], () => {
  test('says so, and that the Workers wait for them', async () => {
    const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
    const node = await startKafkaNode({ jars });
    onTestFinished(() => node.stop());
    const around = await KafkaStage.around({
      ...{ brokers: [node.broker], ratePerSecond: 1_000, partitions: 6 },
      ...{ topic: 'flows', group: 'kafka2ipfix' },
    });
    onTestFinished(async () => {
      process.kill(node.pid, 'SIGCONT');
      await around.close();
    });
    const stage = await around.start({ ...served, WORKERS: '2', AVRO_FRAMING: 'bare-many' });
    await untilReadiness(stage, 'ready');
    await around.untilCaughtUp();
    const browser = await launched();
    onTestFinished(() => browser.close());
    const page = await browser.newPage(desk);
    await page.goto(await urlOf(stage));
    await page.locator('#state[data-state=ready]').waitFor();
    if (screenshots !== undefined) {
      await page.waitForTimeout(170_000);
      await pointAt(page, '#rate', 0.3);
      const clip = { x: 0, y: 0, width: 1280, height: 1000 };
      const path = join(screenshots, 'status-page.png');
      await page.screenshot({ path, clip, fullPage: true });
    }
    process.kill(node.pid, 'SIGSTOP');
    await page.locator('#workers', { hasText: 'the brokers' }).waitFor({ timeout: 30_000 });
    await page.locator('#reasons li', { hasText: 'no broker' }).waitFor({ timeout: 30_000 });
    expect(await page.title()).toMatch(/^✗ /);
    expect(await findings(page)).toEqual([]);
    await pictures(browser, await urlOf(stage), 'brokers-down');
  });
});
