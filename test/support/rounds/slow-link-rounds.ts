// A large backlog behind a slow link: what the stage's memory and membership do meanwhile, and what of
// the promise holds at its end, which is kill -9. Used by the short check and the long one.

import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaStage } from '../kafka/kafka-stage.ts';
import { type Sample, sampleOf } from '../processes/process-watch.ts';
import { behindLink, linkCounts, withinLink } from '../processes/tun-link.ts';

export interface SlowLinkOptions {
  /** One, on 127.0.0.1. */
  readonly broker: string;
  /** Events in the backlog. */
  readonly count: number;
  /** At most: the watch ends with the backlog. */
  readonly watchedS: number;
  readonly seed: number;
  readonly log?: (line: string) => void;
}

export interface SlowLinkReport {
  readonly produced: number;
  readonly received: number;
  /** Received more than once. */
  readonly repeated: number;
  /** Committed and never received. */
  readonly lost: number;
  /** They come again after the kill. */
  readonly receivedUncommitted: number;
  readonly missingNumbers: number;
  /** Generations that the group gave to this member. */
  readonly joins: number;
  /** Records not committed, and so Kafka's still, at the end. */
  readonly lag: number;
  readonly linkMbitPerSecond: number;
  /** Datagrams that found the link's queue full. */
  readonly linkDropped: number;
  readonly rssMiB: {
    /** As it joined, before the first event. */
    readonly joined: number;
    /** After the first seconds of flow, when what is in flight has reached its bound. */
    readonly start: number;
    readonly most: number;
    readonly last: number;
  };
  readonly samples: readonly Sample[];
}

const bitsPerSecond = 4_000_000;
/** More than the socket's own buffer: the kernel says that it is full before the link drops anything. */
const queueOctets = 1_000_000;
const firstS = 5;
/** The link's queue is empty by then. */
const quietMs = 2_500;

export const isLocal = (brokers: readonly string[]): boolean =>
  brokers.length === 1 && /^(127\.0\.0\.1|localhost):/.test(brokers[0]!);

export async function slowLink(options: SlowLinkOptions): Promise<SlowLinkReport> {
  const { broker, count, watchedS, seed, log } = options;
  const around = await KafkaStage.around({ brokers: [broker], ratePerSecond: 50_000, count, seed });
  try {
    await around.feed.done();
    log?.(`${around.feed.produced} events are in the topic`);
    const recorderPort = around.recorder.port;
    const stage = await around.start(
      { COLLECTORS: behindLink, KAFKA_SESSION_TIMEOUT: '6s' },
      { within: withinLink({ bitsPerSecond, queueOctets, recorderPort, broker }) },
    );
    await stage.waitForLine('joined the group');
    const pid = stage.process.pid!;
    const joined = sampleOf(pid, 0, 0).rssMiB;
    await around.until('the first event', () => around.received.unique > 0);
    const fromMs = performance.now();
    const before = await linkCounts(pid);
    const samples: Sample[] = [];
    for (let atS = 1; atS <= watchedS; atS += 1) {
      await sleep(Math.max(0, fromMs + atS * 1000 - performance.now()));
      around.received.update();
      samples.push(sampleOf(pid, atS, Number(await around.offsets.lag())));
      if (atS % 30 === 0) log?.(JSON.stringify(samples.at(-1)));
      if (samples.at(-1)!.lag === 0) break;
    }
    const after = await linkCounts(pid);
    const bits = 8 * (after.octets - before.octets);
    const passedS = (performance.now() - fromMs) / 1000;
    const joins = stage.lines().filter(({ msg }) => msg === 'joined the group').length;
    stage.kill('SIGKILL');
    await stage.exited;
    await sleep(quietMs);
    const { committedUnreceived, receivedUncommitted } = await around.standing();
    const rss = samples.map(({ rssMiB }) => rssMiB);
    return {
      ...{ produced: around.feed.produced, received: around.received.unique },
      ...{ repeated: around.received.repeated, lost: committedUnreceived.length },
      ...{ receivedUncommitted, joins, samples, lag: samples.at(-1)!.lag },
      missingNumbers: around.received.sequence().missingRecords,
      linkMbitPerSecond: Math.round(bits / passedS / 10_000) / 100,
      linkDropped: after.dropped,
      rssMiB: { joined, start: rss[firstS - 1]!, most: Math.max(...rss), last: rss.at(-1)! },
    };
  } finally {
    await around.close();
  }
}
