// 24 simulated hours of a Worker and its statistics: a wall clock that drifts and steps, Sequence
// Numbers and Export Times that pass 2^32. What every header has to say is worked out here, from the
// day's own course and the octets alone.

import { beforeAll, describe, expect, test } from 'vitest';
import { driftMaxMs, exportTimeOf } from '../../src/clock.ts';
import { StatisticsSession } from '../../src/pipeline/options/statistics-session.ts';
import { flowEvent, originOf } from '../support/events/flow-events.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { ScriptedSender } from '../support/fakes/scripted-sender.ts';
import { silent } from '../support/fakes/scripted-session.ts';
import { observationDomainId, Stage } from '../support/fakes/scripted-stage.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const eventEveryMs = 10_000;
const flushIntervalMs = 500;
const refreshIntervalMs = 60_000;

/** The wall clock stands here at the beginning: Export Time passes 2^32 within the day. */
const wallBeganMs = (2 ** 32 - 11 * 3600) * 1000;
/** The wall clock is too fast by so much. */
const driftPerMs = 150e-6;
const steps = [
  { atMs: 2 * hourMs + 1_234, byMs: 3_600_000 },
  { atMs: 5 * hourMs + 4_321, byMs: -1_800_000 },
  { atMs: 9 * hourMs, byMs: -300 },
  { atMs: 9 * hourMs + 60_000, byMs: 300 },
  { atMs: 12 * hourMs + 2_500, byMs: 86_400_000 },
  { atMs: 18 * hourMs + 700, byMs: -7_200_000 },
  { atMs: 21 * hourMs, byMs: 601 },
  { atMs: 22 * hourMs, byMs: -1_601 },
];
/** Every Flow Record's Message counts so many more, that 2^32 is passed more than once. */
const moreRecords = 1_000_000;

const wallMsAt = (nowMs: number): number =>
  steps
    .filter(({ atMs }) => atMs <= nowMs)
    .reduce((wallMs, { byMs }) => wallMs + byMs, wallBeganMs + nowMs * (1 + driftPerMs));

class DayClock extends ManualClock {
  readonly #exportTimeS = exportTimeOf(
    () => wallMsAt(this.nowMs),
    () => this.nowMs,
  );

  override exportTimeS(): number {
    return this.#exportTimeS();
  }
}

interface Header {
  readonly atMs: number;
  readonly octets: Buffer;
  readonly setId: number;
  readonly exportTimeS: number;
  readonly sequenceNumber: number;
}

const headersOf = (sender: ScriptedSender): Header[] =>
  sender.taken.map(({ atMs, octets }) => ({
    ...{ atMs, octets },
    setId: octets.readUInt16BE(16),
    exportTimeS: octets.readUInt32BE(4),
    sequenceNumber: octets.readUInt32BE(8),
  }));

const clock = new DayClock();
const stage = new Stage(
  {
    ...{ flushIntervalMs, templateRefreshIntervalMs: refreshIntervalMs },
    domainOptions: { flowKeys: [], elementTypes: false, samplingRate: 1000 },
    optionsRefreshIntervalMs: 45_000,
  },
  clock,
);
const statisticsSender = new ScriptedSender(clock);
const deliveredAtMs: number[] = [];

beforeAll(async () => {
  const { sealed } = stage.worker.frames;
  const next = sealed.next.bind(sealed);
  sealed.next = (frame) => {
    frame.records += moreRecords;
    next(frame);
  };
  const statistics = new StatisticsSession({
    ...{ kinds: ['metering', 'exporting-reliability'], intervalMs: 30_000, exportingProcessId: 7 },
    ...{ own: () => stage.worker.figures, sender: statisticsSender, clock, log: silent },
    ...{ messageOctetsMax: 484, confirmWindowMs: 100, templateRefreshMessages: 4096 },
    templateRefreshIntervalMs: refreshIntervalMs,
  });
  await stage.start();
  await statistics.start();
  const origin = originOf();
  while (clock.nowMs < dayMs) {
    deliveredAtMs.push(clock.nowMs);
    stage.deliver([flowEvent({ flowId: deliveredAtMs.length })], origin);
    await clock.advance(eventEveryMs);
  }
  stage.stop();
  statistics.close();
}, 120_000);

/** mod 2^32, how far b is behind a; negative where it is ahead. */
const after = (a: number, b: number): number => (a - b) | 0;

describe.each([
  ['the flows', observationDomainId, stage.sender],
  ['the statistics', 0, statisticsSender],
])('a day long, in the Observation Domain of %s', (_, domain, sender) => {
  test('every Message has version, its own length and its domain', () => {
    for (const { octets } of headersOf(sender)) {
      const found = [octets.readUInt16BE(0), octets.readUInt16BE(2), octets.readUInt32BE(12)];
      expect(found).toEqual([10, octets.length, domain]);
    }
  });

  test('every Export Time is the wall clock, mod 2^32, within the bound of its drift', () => {
    const seen = headersOf(sender);
    for (const { atMs, exportTimeS } of seen) {
      const earliestS = Math.floor((wallMsAt(atMs) - driftMaxMs) / 1000);
      const latestS = Math.floor((wallMsAt(atMs) + driftMaxMs) / 1000);
      expect(after(exportTimeS, earliestS % 2 ** 32)).toBeGreaterThanOrEqual(0);
      expect(after(latestS % 2 ** 32, exportTimeS)).toBeGreaterThanOrEqual(0);
    }
    const wraps = seen.filter(
      ({ exportTimeS }, i) => i > 0 && exportTimeS < 2 ** 31 && seen[i - 1]!.exportTimeS > 2 ** 31,
    );
    expect(wraps.length).toBeGreaterThanOrEqual(1);
  });

  test('every Sequence Number is the count of Data Records before, mod 2^32', () => {
    let before = 0n;
    const records = recordCounter();
    for (const { octets, sequenceNumber, setId } of headersOf(sender)) {
      expect(BigInt(sequenceNumber)).toBe(before % 2n ** 32n);
      const count = records(octets);
      before += BigInt(count.records + (count.isFlow ? moreRecords : 0));
      expect(setId).toBeGreaterThanOrEqual(2);
    }
    if (domain !== 0) expect(before > 2n ** 33n).toBe(true);
  });

  test('no Data Set has an Export Time before that of its Template', () => {
    const toldS = new Map<number, number>();
    for (const { octets, setId, exportTimeS } of headersOf(sender)) {
      for (const id of toldIds(octets)) toldS.set(id, exportTimeS);
      if (setId < 256) continue;
      expect(after(exportTimeS, toldS.get(setId)!)).toBeGreaterThanOrEqual(0);
    }
  });

  test('Templates are sent again at each interval, no later and hardly more often', () => {
    const seen = headersOf(sender).filter(({ setId }) => setId === 2 || setId === 3);
    const timesMs = [...new Set(seen.map(({ atMs }) => atMs))];
    timesMs.slice(1).forEach((atMs, i) => {
      expect(atMs - timesMs[i]!).toBeLessThanOrEqual(refreshIntervalMs);
    });
    expect(dayMs - timesMs.at(-1)!).toBeLessThanOrEqual(refreshIntervalMs);
    // Once more for each step back, and no Template more than three times at any of them.
    const back = steps.filter(({ byMs }) => byMs < 0).length;
    expect(timesMs.length).toBeLessThanOrEqual(dayMs / refreshIntervalMs + 1 + back);
    const told = seen.flatMap(({ octets, atMs }) => toldIds(octets).map((id) => `${atMs} ${id}`));
    for (const count of Object.values(Object.groupBy(told, (key) => key))) {
      expect(count!.length).toBeLessThanOrEqual(3);
    }
  });
});

test('a day long, every event leaves when its Message is FLUSH_INTERVAL old', () => {
  const leftAt = [...stage.handedOverAt().entries()].map(([flowId, atMs]) => [flowId, atMs]);
  expect(leftAt).toEqual(deliveredAtMs.map((atMs, i) => [i + 1, atMs + flushIntervalMs]));
  expect(deliveredAtMs).toHaveLength(dayMs / eventEveryMs);
});

/** The Template IDs that a Message of one Template Set or Options Template Set tells. */
function toldIds(octets: Buffer): number[] {
  const setId = octets.readUInt16BE(16);
  const ids: number[] = [];
  if (setId > 3) return ids;
  const headOctets = setId === 2 ? 4 : 6;
  for (let at = 20; at < octets.length;) {
    ids.push(octets.readUInt16BE(at));
    at += headOctets + 4 * octets.readUInt16BE(at + 2);
  }
  return ids;
}

/** Counts the Data Records of Messages given in order. There are no elements of an enterprise here. */
function recordCounter() {
  const lengths = new Map<number, { isFlow: boolean; octets: number }>();
  return (message: Buffer): { isFlow: boolean; records: number } => {
    const setId = message.readUInt16BE(16);
    if (setId < 256) {
      const headOctets = setId === 2 ? 4 : 6;
      for (let at = 20; at < message.length;) {
        const fields = message.readUInt16BE(at + 2);
        let octets = 0;
        for (let i = 0; i < fields; i += 1) {
          const length = message.readUInt16BE(at + headOctets + 4 * i + 2);
          // The only text here is empty: one octet of length.
          octets += length === 65_535 ? 1 : length;
        }
        lengths.set(message.readUInt16BE(at), { isFlow: setId === 2, octets });
        at += headOctets + 4 * fields;
      }
      return { isFlow: false, records: 0 };
    }
    const { isFlow, octets } = lengths.get(setId)!;
    return { isFlow, records: (message.length - 20) / octets };
  };
}
