// Statistics: what they say is what happened, and they say it in Observation Domain 0.

import { describe, expect, test } from 'vitest';
import { Decoder } from '../../../src/ipfix/decoder.ts';
import { SequenceTracker } from '../../../src/ipfix/sequence-tracker.ts';
import {
  type Figures,
  never,
  type StatisticsKind,
  statisticsKinds,
  statisticsRecords,
} from '../../../src/pipeline/options/statistics.ts';
import { StatisticsSession } from '../../../src/pipeline/options/statistics-session.ts';
import { encode, flowEvent, originOf } from '../../support/events/flow-events.ts';
import { ManualClock, turn } from '../../support/fakes/manual-clock.ts';
import { ScriptedSender } from '../../support/fakes/scripted-sender.ts';
import { silent } from '../../support/fakes/scripted-session.ts';
import { observationDomainId, Stage } from '../../support/fakes/scripted-stage.ts';

const figuresOf = (domain: number, rest: Partial<Figures> = {}): Figures => ({
  observationDomainId: domain,
  ...{ messages: 10 * domain, flowRecords: 100 * domain, octets: 1000 * domain },
  ...{ unread: never, dropped: never, ...rest },
});

const idsOf = (kind: StatisticsKind, workers: readonly Figures[]) =>
  statisticsRecords([kind], workers, 7)
    .filter(({ rows }) => rows.length > 0)
    .map(({ layout: { fields, scopeFieldCount }, rows }) => ({
      scope: fields.slice(0, scopeFieldCount).map(({ element }) => element.id),
      about: fields.slice(scopeFieldCount).map(({ element }) => element.id),
      rows,
    }));

describe('statistics', () => {
  test('of metering (RFC 7011 §4.1) are those of each Observation Domain', () => {
    expect(idsOf('metering', [figuresOf(1), figuresOf(2)])).toEqual([
      {
        ...{ scope: [149], about: [41, 42, 40] },
        rows: [
          [1, 10, 100, 1000],
          [2, 20, 200, 2000],
        ],
      },
    ]);
  });

  test('of metering reliability (RFC 7011 §4.2) have times only of what happened', () => {
    const unread = { count: 3, firstAtS: 50, lastAtS: 90 };
    expect(idsOf('metering-reliability', [figuresOf(1), figuresOf(2, { unread })])).toEqual([
      { scope: [149], about: [407], rows: [[1, 0]] },
      { scope: [149], about: [407, 322, 322], rows: [[2, 3, 50, 90]] },
    ]);
  });

  test('of exporting reliability (RFC 7011 §4.3) are those of the process as a whole', () => {
    const none = [figuresOf(1), figuresOf(2)];
    expect(idsOf('exporting-reliability', none)).toEqual([
      { scope: [144], about: [166], rows: [[7, 0]] },
    ]);
    const one = figuresOf(1, { dropped: { count: 3, firstAtS: 50, lastAtS: 90 } });
    const two = figuresOf(2, { dropped: { count: 4, firstAtS: 40, lastAtS: 60 } });
    expect(idsOf('exporting-reliability', [one, two, figuresOf(3)])).toEqual([
      { scope: [144], about: [166, 322, 322], rows: [[7, 7, 40, 90]] },
    ]);
  });

  test('have times mod 2^32 (RFC 7011 §5.2)', () => {
    const unread = { count: 1, firstAtS: 2 ** 32 - 1, lastAtS: 2 ** 32 + 5 };
    const [record] = idsOf('metering-reliability', [figuresOf(1, { unread })]);
    expect(record!.rows).toEqual([[1, 1, 2 ** 32 - 1, 5]]);
  });

  test('of no kind are none', () => {
    expect(statisticsRecords([], [figuresOf(1)], 7)).toEqual([]);
  });
});

describe("a Worker's figures", () => {
  test('are what left: Messages, Flow Records and octets', async () => {
    const stage = await new Stage().start();
    stage.deliver([flowEvent(), flowEvent({ flowId: 2 })], originOf());
    await stage.clock.advance(1000);
    const octets = stage.sender.taken.reduce((sum, message) => sum + message.octets.length, 0);
    expect(stage.worker.figures).toEqual({
      ...{ observationDomainId, messages: stage.sender.taken.length, flowRecords: 2, octets },
      ...{ unread: never, dropped: never },
    });
    stage.stop();
  });

  test('tell what was dropped, and when first and last; tombstones hold no flow', async () => {
    const stage = await new Stage({ onBadEvent: 'discard' }).start();
    const { epochS } = stage.clock;
    const bad = flowEvent({ sourcePort: 70_000 });
    stage.deliver([null, flowEvent()], originOf());
    expect(stage.worker.figures.dropped).toEqual(never);
    await stage.clock.advance(5_000);
    stage.deliver([bad, encode(bad).subarray(0, 9), null], originOf());
    await stage.clock.advance(5_000);
    stage.deliver([flowEvent(), bad], originOf());
    await stage.clock.advance(5_000);
    stage.deliver([flowEvent()], originOf());
    const dropped = { count: 3, firstAtS: epochS + 5, lastAtS: epochS + 10 };
    expect(stage.worker.figures).toMatchObject({ dropped, unread: never });
    stage.stop();
  });

  test('tell what was too long to be looked into, apart from what was dropped', async () => {
    const stage = await new Stage({ onBadEvent: 'discard' }).start();
    const given = { ...stage.deliver([], originOf()), count: 2, nextOffset: 102 };
    const delivery = {
      ...given,
      ...{ starts: Int32Array.of(-1, -1), ends: Int32Array.of(-1, -1) },
      offsets: Float64Array.of(100, 101),
      unreadable: new Map([
        [0, { problem: 'the message has 9 octets', unread: true }],
        [1, { problem: 'the value is no frame' }],
      ]),
    };
    stage.worker.intake.track(delivery);
    stage.deliveries.next(delivery);
    expect(stage.worker.figures).toMatchObject({ unread: { count: 1 }, dropped: { count: 1 } });
    expect(stage.worker.ledger.account.discardedByReason).toEqual({
      'too long': 1,
      unreadable: 1,
    });
    stage.stop();
  });
});

class Telling {
  readonly clock = new ManualClock();
  readonly sender = new ScriptedSender(this.clock);
  own = figuresOf(1);
  readonly session: StatisticsSession;

  constructor(kinds: readonly StatisticsKind[] = statisticsKinds) {
    this.session = new StatisticsSession({
      ...{ kinds, intervalMs: 10_000, exportingProcessId: 7, own: () => this.own },
      ...{ sender: this.sender, clock: this.clock, messageOctetsMax: 484, confirmWindowMs: 100 },
      ...{ templateRefreshIntervalMs: 60_000, templateRefreshMessages: 4096, log: silent },
    });
  }

  /** All that left, decoded; with what is to be said of the Sequence Numbers. */
  read() {
    const decoder = new Decoder();
    const tracker = new SequenceTracker();
    const messages = this.sender.taken.map(({ octets, atMs }) => {
      const message = decoder.decode(octets);
      tracker.observe(message);
      return { ...message, atMs };
    });
    const records = messages.flatMap((message) =>
      message.records.map(({ values }) => ({
        atMs: message.atMs,
        values: values.map(({ element, value }) => [element.name, value]),
      })),
    );
    return { messages, records, sequence: tracker.totals() };
  }
}

describe('the statistics session', () => {
  test('is all in Observation Domain 0, with a Sequence Number of its own', async () => {
    const telling = new Telling();
    await telling.session.start();
    await telling.clock.advance(35_000);
    const { messages, records, sequence } = telling.read();
    expect(new Set(messages.map((message) => message.observationDomainId))).toEqual(new Set([0]));
    expect(sequence).toMatchObject({ gaps: 0, repeatedMessages: 0, missingRecords: 0 });
    expect(messages.every(({ unknownSets }) => unknownSets.length === 0)).toBe(true);
    // Three records at 0, 10, 20 and 30 s; the last Message's number counts those before it.
    expect(records.map(({ atMs }) => atMs / 10_000)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
    expect(messages.at(-1)!.sequenceNumber).toBe(11);
    telling.session.close();
  });

  test('tells each Options Template twice before its first record, one in a Set', async () => {
    const telling = new Telling();
    await telling.session.start();
    await turn();
    const { messages } = telling.read();
    const kinds = messages.map(({ templates, records }) => [templates.length, records.length]);
    const one = [
      [1, 0],
      [1, 0],
      [0, 1],
    ];
    expect(kinds).toEqual([...one, ...one, ...one]);
    for (const { templates } of messages) for (const t of templates) expect(t.options).toBe(true);
    telling.session.close();
  });

  test('tells only the kinds that are asked for', async () => {
    const telling = new Telling(['exporting-reliability']);
    await telling.session.start();
    await turn();
    const names = telling.read().records.map(({ values }) => values.map(([name]) => name));
    expect(names).toEqual([['exportingProcessId', 'notSentFlowTotalCount']]);
    telling.session.close();
  });

  test("has the other Workers' figures as they were last reported, its own as they are", async () => {
    const telling = new Telling(['metering']);
    await telling.session.start();
    telling.session.note(figuresOf(2, { flowRecords: 5 }));
    telling.session.note(figuresOf(2, { flowRecords: 6 }));
    telling.own = figuresOf(1, { flowRecords: 9 });
    await telling.clock.advance(10_000);
    const flows = telling
      .read()
      .records.map(({ values }) => [values[0]![1], values[2]![1]])
      .slice(1);
    expect(flows).toEqual([
      [1, 9],
      [2, 6],
    ]);
    telling.session.close();
  });

  test('tells them once more at the end, and waits until that has settled', async () => {
    const telling = new Telling(['metering']);
    await telling.session.start();
    await telling.clock.advance(2_000);
    telling.own = figuresOf(1, { flowRecords: 4321 });
    let isEnded = false;
    const end = telling.session.end().then(() => (isEnded = true));
    await telling.clock.advance(50);
    expect(isEnded).toBe(false);
    await telling.clock.advance(100);
    await end;
    expect(telling.read().records.at(-1)!.values[2]).toEqual([
      'exportedFlowRecordTotalCount',
      4321,
    ]);
    expect(telling.sender.closed).toBe(true);
    expect(telling.clock.timers).toBe(0);
  });

  test('ends without a collector, too, in a quarter of a second', async () => {
    const telling = new Telling(['metering']);
    telling.sender.script.push(...Array.from({ length: 1000 }, () => 'refused' as const));
    await telling.session.start();
    await telling.clock.advance(2_000);
    const end = telling.session.end();
    await telling.clock.advance(250);
    await end;
    expect(telling.sender.closed).toBe(true);
  });
});
