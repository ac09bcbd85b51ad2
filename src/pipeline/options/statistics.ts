// What a process can truly say of its own work, as RFC 7011 §4.1 to §4.3 have it said. It meters no
// packets: how many were in a flow that it could not read it does not know, and does not say.

import type { Account } from '../frames/ledger.ts';
import { discardReasons, emptyReasons } from '../frames/discard-reasons.ts';
import { optionsLayout, type OptionsRecords } from './options-records.ts';

export const statisticsKinds = [
  'metering',
  'metering-reliability',
  'exporting-reliability',
] as const;
export type StatisticsKind = (typeof statisticsKinds)[number];

/** How often something happened; when first and last, in seconds since 1970 (0: never). */
interface Tally {
  readonly count: number;
  readonly firstAtS: number;
  readonly lastAtS: number;
}

export const never: Tally = { count: 0, firstAtS: 0, lastAtS: 0 };

/** One Worker's figures, since it began. */
export interface Figures {
  readonly observationDomainId: number;
  /** What left, sent again included. */
  readonly messages: number;
  readonly flowRecords: number;
  readonly octets: number;
  /** Messages of a source that were too long to be looked into, and were discarded. */
  readonly unread: Tally;
  /** Events that were read and not sent: by a rule, or because they could not be exported. */
  readonly dropped: Tally;
}

const unreadCount = ({ discardedByReason }: Account): number =>
  discardedByReason[discardReasons.tooLong] ?? 0;

function droppedCount({ discarded, deadLettered, discardedByReason }: Account): number {
  let count = discarded + deadLettered - (discardedByReason[discardReasons.tooLong] ?? 0);
  for (const reason of emptyReasons) count -= discardedByReason[reason] ?? 0;
  return count;
}

/** What a Worker's account says was not sent, and since when: looked at from time to time. */
export class NotSent {
  tallies: Pick<Figures, 'unread' | 'dropped'> = { unread: never, dropped: never };
  readonly #account: Account;
  readonly #nowS: () => number;

  constructor(account: Account, nowS: () => number) {
    this.#account = account;
    this.#nowS = nowS;
  }

  look(): void {
    const { unread, dropped } = this.tallies;
    const unreadNow = unreadCount(this.#account);
    const droppedNow = droppedCount(this.#account);
    if (unreadNow === unread.count && droppedNow === dropped.count) return;
    this.tallies = {
      unread: risen(unread, unreadNow, this.#nowS),
      dropped: risen(dropped, droppedNow, this.#nowS),
    };
  }
}

/** The tally when the count has come to `count`. */
function risen(tally: Tally, count: number, nowS: () => number): Tally {
  if (count === tally.count) return tally;
  const lastAtS = nowS();
  return { count, firstAtS: tally.count === 0 ? lastAtS : tally.firstAtS, lastAtS };
}

const times = ['observationTimeSeconds', 'observationTimeSeconds'];

// RFC 7011 §4.1
const metering = optionsLayout(
  ['observationDomainId'],
  ['exportedMessageTotalCount', 'exportedFlowRecordTotalCount', 'exportedOctetTotalCount'],
);
// RFC 7011 §4.2, with the count of Data Records where it has those of packets and octets.
const unread = ['ignoredDataRecordTotalCount'];
const noneUnread = optionsLayout(['observationDomainId'], unread);
const someUnread = optionsLayout(['observationDomainId'], [...unread, ...times]);
// RFC 7011 §4.3, without the counts of packets and octets.
const dropped = ['notSentFlowTotalCount'];
const noneDropped = optionsLayout(['exportingProcessId'], dropped);
const someDropped = optionsLayout(['exportingProcessId'], [...dropped, ...times]);

/**
 * The records of `kinds` for a process whose Workers have these figures. A time of what never
 * happened would be a lie: until it does the record has none, and so another Template.
 */
export function statisticsRecords(
  kinds: readonly StatisticsKind[],
  workers: readonly Figures[],
  exportingProcessId: number,
): OptionsRecords[] {
  const records: OptionsRecords[] = [];
  if (kinds.includes('metering')) {
    const rows = workers.map((w) => [w.observationDomainId, w.messages, w.flowRecords, w.octets]);
    records.push({ layout: metering, rows });
  }
  if (kinds.includes('metering-reliability')) {
    const rows = workers.map((w) => [w.observationDomainId, ...tallied(w.unread)]);
    records.push({ layout: noneUnread, rows: rows.filter(({ length }) => length === 2) });
    records.push({ layout: someUnread, rows: rows.filter(({ length }) => length > 2) });
  }
  if (kinds.includes('exporting-reliability')) {
    const all = sum(workers.map((worker) => worker.dropped));
    const layout = all.count === 0 ? noneDropped : someDropped;
    records.push({ layout, rows: [[exportingProcessId, ...tallied(all)]] });
  }
  return records;
}

// RFC 7011 §5.2: seconds are mod 2^32.
const tallied = ({ count, firstAtS, lastAtS }: Tally): number[] =>
  count === 0 ? [0] : [count, firstAtS % 2 ** 32, lastAtS % 2 ** 32];

function sum(tallies: readonly Tally[]): Tally {
  const some = tallies.filter(({ count }) => count > 0);
  if (some.length === 0) return never;
  return {
    count: some.reduce((total, { count }) => total + count, 0),
    firstAtS: Math.min(...some.map(({ firstAtS }) => firstAtS)),
    lastAtS: Math.max(...some.map(({ lastAtS }) => lastAtS)),
  };
}
