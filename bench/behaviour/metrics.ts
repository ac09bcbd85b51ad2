// What it costs to be looked at: HTTP_LISTEN off against on with a scrape every second, in turns: the CPU
// of the whole process per record while it reads a full topic. And the delay at 1,000 events a second, of
// one run in which it is scraped every second for a while, and then not, in turns.

import { freePort } from '../../demo/broker/free-port.ts';
import { startFakeRegistry } from '../../test/support/fakes/fake-registry.ts';
import { stage } from '../contestants.ts';
import { makeCourse } from '../course.ts';
import { flowSchema, schemaId } from '../flows.ts';
import { NativePrograms } from '../native-program.ts';
import { median } from '../rounds.ts';
import { delaysMs, eventsPerSecond, quantile } from './latency.ts';
import { Scraper } from './scraper.ts';

const records = 8_000_000;
const rounds = 25;
const flushInterval = '10ms';
const spanSeconds = 5;
const spans = 36;
const allowedRatio = 1.02;
const allowedMs = 1;

const spread = (values: readonly number[], digits: number) => {
  const [least, middle, most] = [Math.min(...values), median(values), Math.max(...values)];
  const quarter = values.toSorted((a, b) => a - b)[Math.floor(values.length / 4)]!;
  return {
    median: Number(middle.toFixed(digits)),
    lowerQuartile: Number(quarter.toFixed(digits)),
    min: Number(least.toFixed(digits)),
    max: Number(most.toFixed(digits)),
  };
};

/** Scrapes every second until `work` is done. */
async function whileScraped<T>(scraper: Scraper, work: Promise<T>): Promise<T> {
  const timer = setInterval(() => scraper.scrape(), 1_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

async function throughput(brokers: readonly string[], listen: string) {
  const native = new NativePrograms();
  const registry = await startFakeRegistry();
  registry.schemas.set(schemaId, { schema: flowSchema });
  const options = { records, batchRecords: 1_000, codec: 'none' } as const;
  const course = await makeCourse({ native, brokers, registryUrl: registry.url, ...options });
  const scraper = await Scraper.of(listen);
  const unseen = stage('not looked at', { HTTP_LISTEN: 'off' });
  const seen = stage('scraped', { HTTP_LISTEN: listen });
  const ns = { off: [] as number[], scraped: [] as number[] };
  const mainNs = { off: [] as number[], scraped: [] as number[] };
  const runOf = {
    off: () => unseen.run(course),
    scraped: () => whileScraped(scraper, seen.run(course)),
  };
  for (let round = 0; round < rounds; round += 1) {
    // Each is first in every other round.
    const order = ['off', 'scraped'] as const;
    for (const who of round % 2 === 0 ? order : order.toReversed()) {
      const { cpuSeconds, mainThreadSeconds } = await runOf[who]();
      ns[who].push((cpuSeconds * 1e9) / records);
      mainNs[who].push((mainThreadSeconds * 1e9) / records);
    }
  }
  await course.remove();
  await Promise.all([scraper.close(), registry.close()]);
  native.close();
  const ratios = ns.scraped.map((scraped, i) => scraped / ns.off[i]!);
  return {
    ...{ records, rounds, scrapes: scraper.scrapes },
    nsCpuPerRecord: { off: spread(ns.off, 0), scraped: spread(ns.scraped, 0) },
    // All that is of HTTP, but for what the Workers tell; it has less of the machine's noise.
    nsOfTheMainThread: { off: spread(mainNs.off, 1), scraped: spread(mainNs.scraped, 1) },
    ratioOfARound: spread(ratios, 3),
  };
}

async function delay(brokers: readonly string[], listen: string) {
  const scraper = await Scraper.of(listen);
  const isScraped = (span: number) => span % 2 === 1;
  const delays = await delaysMs({
    brokers,
    settings: { FLUSH_INTERVAL: flushInterval, HTTP_LISTEN: listen },
    seconds: spanSeconds * spans,
    onSecond: (second) => {
      if (isScraped(Math.floor(second / spanSeconds))) scraper.scrape();
    },
  });
  await scraper.close();
  const p99s = Array.from({ length: spans }, (_, span) => {
    const events = spanSeconds * eventsPerSecond;
    const ofSpan = delays.slice(span * events, (span + 1) * events).toSorted((a, b) => a - b);
    return quantile(ofSpan, 0.99);
  });
  const off = p99s.filter((_, span) => !isScraped(span));
  const scraped = p99s.filter((_, span) => isScraped(span));
  return {
    ...{ flushInterval, spans, spanSeconds, scrapes: scraper.scrapes },
    p99MsOfASpan: { off: spread(off, 1), scraped: spread(scraped, 1) },
    differenceMs: Number((median(scraped) - median(off)).toFixed(1)),
  };
}

const freeListen = async () => `127.0.0.1:${await freePort('127.0.0.1')}`;

export async function metricsCpu(brokers: readonly string[]) {
  const row = await throughput(brokers, await freeListen());
  return {
    name: 'a scrape every second costs under 2 % of CPU per record',
    ...row,
    holds: row.ratioOfARound.median < allowedRatio,
  };
}

export async function metricsLatency(brokers: readonly string[]) {
  const row = await delay(brokers, await freeListen());
  return {
    name: 'a scrape every second changes the 99th percentile of the delay by under 1 ms',
    ...row,
    holds: row.differenceMs < allowedMs,
  };
}
