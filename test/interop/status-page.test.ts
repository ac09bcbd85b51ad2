// The status page in a real browser, of a real run: under load, with the collector down, on a phone,
// dark, and when nothing answers any more. SCREENSHOTS names a folder in which pictures are left.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { KafkaStage } from '../support/kafka-stage.ts';
import { Recorder } from '../support/recorder.ts';
import { served, untilReadiness, urlOf } from '../support/served.ts';
import { toolPath } from '../support/tool-path.ts';
import { describeWithTools } from '../support/tools.ts';

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
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
};

const textOf = (page: Page, selector: string) => page.locator(selector).innerText();

describeWithTools('the status page', ['chromium'], (brokers) => {
  let browser: Browser;
  beforeAll(async () => {
    // No sandbox: it wants more rights than a container gives, and the page is our own.
    const args = ['--no-sandbox'];
    browser = await chromium.launch({ executablePath: toolPath('chromium')!, args });
  });
  afterAll(() => browser.close());

  /** The page, with every address that it asked for. */
  async function open(url: string, options: BrowserContextOptions) {
    const page = await browser.newPage(options);
    onTestFinished(() => page.close());
    const asked: string[] = [];
    const faults: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(url);
    await page.locator('#state[data-state=ready]').waitFor();
    return { page, asked, faults };
  }

  async function running() {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 4_000 });
    onTestFinished(() => around.close());
    const stage = await around.start({ ...served, WORKERS: '2' });
    await untilReadiness(stage, 'ready');
    await around.untilCaughtUp();
    return { around, stage, url: await urlOf(stage) };
  }

  test('shows what is exported, by itself and from its own origin alone', async () => {
    const { around, stage, url } = await running();
    const { page, asked, faults } = await open(url, desk);
    await page.waitForFunction(
      "Number(document.getElementById('rate-now').textContent.replaceAll(',', '')) > 100",
    );
    // A past to draw: the server keeps it, so that a page opened later has it too.
    await page.waitForTimeout(8_000);
    await page.reload();
    await page.locator('#state[data-state=ready]').waitFor();
    await page.waitForTimeout(1_500);
    await picture(page, 'status-page');
    expect(await page.locator('#rate path.one').getAttribute('d')).toMatch(/^M(.*L){5}/);
    expect(await page.locator('#rate').getAttribute('aria-label')).toMatch(
      /Events exported a second/,
    );
    expect(await page.locator('#partitions tbody tr').count()).toBe(4);
    expect(await page.locator('#workers tbody tr').count()).toBe(2);
    expect(await textOf(page, '#templates tbody')).toContain('sourceIPv4Address');
    expect(await seriousFindings(page)).toEqual([]);
    expect(asked.filter((address) => new URL(address).origin !== url)).toEqual([]);
    expect(asked.length).toBeGreaterThan(3);
    expect(faults).toEqual([]);

    const shownConsumed = async () => {
      const text = await textOf(page, '#account');
      const [consumed = 0, ...parts] = [...text.matchAll(/[\d,]+/g)].map(([n]) =>
        Number(n.replaceAll(',', '')),
      );
      return consumed - parts.reduce((sum, part) => sum + part, 0);
    };
    expect(await shownConsumed()).toBe(0);
    await around.feed.stop();
    expect(await stage.stop()).toBe(0);
    await page.locator('#state[data-state=stale]').waitFor({ timeout: 30_000 });
    expect(await textOf(page, '#state')).toMatch(/^No answer for \d+ s: what is below is stale$/);
    expect(await seriousFindings(page)).toEqual([]);
  });

  test('says that the collector is down, and when it is back; dark', async () => {
    const { around, stage, url } = await running();
    const { host, port } = around.recorder;
    const { page } = await open(url, { ...desk, colorScheme: 'dark' });
    await around.recorder.close();
    await page.locator('#state[data-state=not]').waitFor({ timeout: 30_000 });
    expect(await textOf(page, '#reasons')).toContain(`${host}:${port} refuses (ECONNREFUSED)`);
    expect(await textOf(page, '#collectors')).toContain('refusing (ECONNREFUSED)');
    expect(await textOf(page, '#troubles')).toContain('the collector refuses');
    expect(await seriousFindings(page)).toEqual([]);
    await picture(page, 'collector-down-dark');
    const recorder = await Recorder.listen({ host, port });
    onTestFinished(() => recorder.close());
    await page.locator('#state[data-state=ready]').waitFor({ timeout: 30_000 });
    stage.kill('SIGKILL');
  });

  test('is no wider than a phone, and can be walked through by keyboard', async () => {
    const { stage, url } = await running();
    const { page } = await open(url, phone);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375);
    expect(await seriousFindings(page)).toEqual([]);
    await picture(page, 'phone');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the figures');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe('region');
    stage.kill('SIGKILL');
  });
});
