// The status page in a real browser, of one real run: under load, with a burst of dead letters, on a
// phone, with the collector down, dark, and when nothing answers any more. SCREENSHOTS names a folder in
// which pictures are left.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
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
const desk = { viewport: { width: 1200, height: 1150 } };
const phone = { viewport: { width: 375, height: 800 }, deviceScaleFactor: 2, isMobile: true };

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds that is serious: by its rule, and where. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate('axe.run()');
  return (found as { violations: readonly Finding[] }).violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

const picture = async (page: Page, name: string): Promise<void> => {
  if (screenshots === undefined) return;
  await page.screenshot({
    path: join(screenshots, `${name}.png`),
    fullPage: name !== 'status-page',
  });
};

const textOf = (page: Page, selector: string) => page.locator(selector).innerText();

describeWithTools('the status page', ['chromium'], (brokers) => {
  let browser: Browser;
  let around: KafkaStage;
  let stage: Stage;
  let url: string;
  let recorder: Recorder | undefined;

  beforeAll(async () => {
    // No sandbox: it wants more rights than a container gives, and the page is our own.
    const args = ['--no-sandbox'];
    const launch = chromium.launch({ executablePath: toolPath('chromium')!, args });
    around = await KafkaStage.around({ brokers, ratePerSecond: 4_000 });
    const letters = await createTopic();
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
    await page.locator('#state[data-state=ready]').waitFor();
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
    if (screenshots !== undefined) await page.waitForTimeout(50_000);
    // The server keeps the past, so that a page opened later has it too.
    await page.reload();
    await page.locator('#state[data-state=ready]').waitFor();
    await picture(page, 'status-page');
    expect(await chart()).toMatch(/^M(.*L){3}/);
    expect(await page.locator('#rate').getAttribute('aria-label')).toMatch(
      /Events exported per second/,
    );
    expect(await page.locator('#partitions tbody tr').count()).toBe(4);
    expect(await page.locator('#workers tbody tr').count()).toBe(2);
    expect(await textOf(page, '#templates tbody')).toContain('sourceIPv4Address');
    expect(await textOf(page, '#troubles')).not.toContain('cannot be exported');
    expect(await seriousFindings(page)).toEqual([]);
    const [consumed, ...parts] = await account(page);
    expect(consumed).toBe(parts.reduce((sum, part) => sum + part, 0));
  });

  test('shows a burst of dead letters as it comes, and why', async () => {
    const page = await open(desk);
    const value = encode(flowEvent({ sourcePort: 70_000 }));
    await produceMessages(around.topic, new Array<TestMessage>(500).fill({ value }));
    await page.locator('#account', { hasText: /dead-lettered\s*500/ }).waitFor();
    const [consumed, ...parts] = await account(page);
    expect(consumed).toBe(parts.reduce((sum, part) => sum + part, 0));
    expect(await textOf(page, '#troubles')).toContain('sourceTransportPort: 70000');
    expect(await seriousFindings(page)).toEqual([]);
    await picture(page, 'dead-letters');
  });

  test('is no wider than a phone, and can be walked through by keyboard', async () => {
    const page = await open(phone);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375);
    expect(await seriousFindings(page)).toEqual([]);
    await picture(page, 'phone');
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
    expect(await textOf(page, '#troubles')).toContain('the collector refuses');
    expect(await seriousFindings(page)).toEqual([]);
    await picture(page, 'collector-down-dark');
    recorder = await Recorder.listen({ host, port });
    await page.locator('#state[data-state=ready]').waitFor({ timeout: 30_000 });
  });

  test('says that it is stale when nothing answers any more', async () => {
    const page = await browser.newPage(desk);
    onTestFinished(() => page.close());
    await page.goto(url);
    await page.locator('#state[data-state=ready]').waitFor();
    stage.kill('SIGKILL');
    await page.locator('#state[data-state=stale]').waitFor({ timeout: 30_000 });
    expect(await textOf(page, '#state')).toMatch(/^No answer for \d+ s: the data below is stale$/);
    expect(await seriousFindings(page)).toEqual([]);
    await picture(page, 'stale');
  });
});
