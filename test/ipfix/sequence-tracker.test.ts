import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SequenceTracker, type SequenceCounts } from '../../src/ipfix/sequence-tracker.ts';

/** Messages as [Sequence Number, Data Records, unknown Sets]. */
function track(...messages: (readonly [number, number, number?])[]): SequenceCounts {
  const tracker = new SequenceTracker();
  for (const [sequenceNumber, dataRecordCount, unknown = 0] of messages) {
    const unknownSets = { length: unknown };
    tracker.observe({ observationDomainId: 1, sequenceNumber, dataRecordCount, unknownSets });
  }
  return tracker.totals();
}

const none = {
  gaps: 0,
  missingRecords: 0,
  uncountedRecords: 0,
  lateMessages: 0,
  repeatedMessages: 0,
  restarts: 0,
};

test('a stream without loss has nothing to tell, wherever it begins', () => {
  expect(track([1000, 3], [1003, 0], [1003, 2])).toEqual({ ...none, messages: 3 });
});

test('a Sequence Number ahead is a gap of that many records', () => {
  expect(track([0, 3], [10, 3], [20, 1])).toMatchObject({ gaps: 2, missingRecords: 14 });
});

test('the Sequence Number wraps at 2^32', () => {
  const last = 2 ** 32 - 2;
  expect(track([last, 5], [3, 1])).toEqual({ ...none, messages: 2 });
  expect(track([last, 1], [3, 1])).toMatchObject({ gaps: 1, missingRecords: 4 });
});

test('a Message that comes late fills its gap', () => {
  expect(track([0, 3], [6, 3], [3, 3])).toMatchObject({ missingRecords: 0, lateMessages: 1 });
  expect(track([0, 1], [9, 1], [4, 2], [1, 3], [6, 3])).toMatchObject({
    gaps: 1,
    missingRecords: 0,
    lateMessages: 3,
  });
});

test('a Message that comes twice is repeated, and hides no loss', () => {
  expect(track([0, 3], [3, 3], [3, 3], [0, 3], [9, 1])).toMatchObject({
    gaps: 1,
    missingRecords: 3,
    lateMessages: 0,
    repeatedMessages: 2,
  });
  expect(track([0, 3], [6, 3], [3, 3], [3, 3])).toMatchObject({
    missingRecords: 0,
    lateMessages: 1,
    repeatedMessages: 1,
  });
});

test('a Sequence Number far back is an exporter that restarted', () => {
  expect(track([5_000_000, 3], [0, 3], [3, 3])).toEqual({ ...none, messages: 3, restarts: 1 });
});

test('records behind an unknown Set are uncounted, not missing', () => {
  expect(track([0, 0, 1], [30, 1], [40, 1])).toMatchObject({
    uncountedRecords: 30,
    gaps: 1,
    missingRecords: 9,
  });
});

test('each session and Observation Domain has its own count', () => {
  const tracker = new SequenceTracker();
  const observe = (observationDomainId: number, sequenceNumber: number, session: string): void =>
    tracker.observe({ observationDomainId, sequenceNumber, dataRecordCount: 1 }, session);
  observe(1, 0, 'a');
  observe(2, 7, 'a');
  observe(1, 9, 'b');
  observe(1, 1, 'a');
  observe(2, 9, 'a');
  expect(tracker.totals()).toEqual({ ...none, messages: 5, gaps: 1, missingRecords: 1 });
  expect(tracker.domains().map((domain) => [domain.session, domain.missingRecords])).toEqual([
    ['a', 0],
    ['a', 1],
    ['b', 0],
  ]);
});

test('in any order of arrival, the records still missing are those that never came', () => {
  const message = fc.record({ records: fc.integer({ min: 1, max: 9 }), lost: fc.boolean() });
  const stream = fc.array(message, { minLength: 3, maxLength: 30 });
  fc.assert(
    fc.property(
      stream,
      fc.nat({ max: 2 ** 32 - 1 }),
      fc.infiniteStream(fc.nat()),
      (all, first, keys) => {
        let next = first;
        const sent = all.map(({ records, lost }) => {
          const sequenceNumber = next;
          next = (next + records) % 2 ** 32;
          return { records, lost, sequenceNumber, key: Number(keys.next().value) };
        });
        const [head, ...rest] = sent;
        const tail = rest.pop();
        const middle = rest.filter(({ lost }) => !lost).sort((a, b) => a.key - b.key);
        const arrived = [head!, ...middle, tail!];
        const counts = track(...arrived.map((m) => [m.sequenceNumber, m.records] as const));
        const lost = rest.filter((m) => m.lost).reduce((sum, { records }) => sum + records, 0);
        expect(counts).toMatchObject({ missingRecords: lost, repeatedMessages: 0, restarts: 0 });
      },
    ),
    { numRuns: 300 },
  );
});
