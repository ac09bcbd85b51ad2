// Bugs that are planted to see whether the simulator finds them: each is one thought gone wrong, as a
// text of the real source and what stands there instead. Only while a run with it is loaded.

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

interface Change {
  /** Below src/. */
  readonly file: string;
  readonly text: string;
  readonly instead: string;
}

export interface Plant {
  readonly name: string;
  readonly changes: readonly Change[];
}

const one = (name: string, file: string, text: string, instead = ''): Plant => ({
  name,
  changes: [{ file, text, instead }],
});

export const plants: readonly Plant[] = [
  one(
    'a commit goes one too far',
    'pipeline/frames/ledger.ts',
    '([{ origin }, offset]) => ({ origin, offset })',
    '([{ origin }, offset]) => ({ origin, offset: offset + 1 })',
  ),
  one(
    'the newest Frame speaks for the older ones',
    'pipeline/frames/ledger.ts',
    'if (known !== undefined && offset < known)',
    'if (known !== undefined)',
  ),
  one(
    'settled before it is sent',
    'pipeline/frames/frames.ts',
    'this.sealed.next(frame);',
    'this.#options.ledger.settle(frame); this.sealed.next(frame);',
  ),
  one(
    'the confirm window is not waited for',
    'pipeline/sending/sink.ts',
    'this.#window.head.sentAtMs <= sentBeforeMs',
    'this.#window.head.sentAtMs > 0',
  ),
  one(
    'a lower offset is committed',
    'sources/kafka/start-offsets.ts',
    'Number(find(committed, topic, partition)?.offset ?? -1) >= 0;',
    'find(committed, topic, partition) === undefined;',
  ),
  {
    name: 'a stale handle is used after a rejoin',
    changes: [
      {
        file: 'sources/kafkajs/kafkajs-membership.ts',
        text: 'commit(offsetManager, cluster, topics)',
        instead: 'commit(group.offsetManager, cluster, topics)',
      },
      {
        file: 'sources/kafka/group-member.ts',
        text: 'this.committer.membership = undefined;',
        instead: '',
      },
      // Else little is left that such a handle could commit.
      { file: 'sources/kafka/group-member.ts', text: 'await intake.drain();', instead: '' },
    ],
  },
  one(
    'dropped without being returned',
    'pipeline/frames/ledger.ts',
    'this.account.returned += progress.inFlight;',
  ),
  one(
    'the window is not sent again after a refusal',
    'pipeline/sending/sink.ts',
    `async #recover(code: string): Promise<void> {
    this.#waiting.prepend(this.#window);`,
    'async #recover(code: string): Promise<void> {',
  ),
  one(
    'no Templates before data after a return',
    'pipeline/sending/recovery.ts',
    `await session.refreshTemplates(sequenceNumber);
      await session.pause`,
    'await session.pause',
  ),
  one(
    'the Sequence Number is not rewound',
    'pipeline/sending/sink.ts',
    'return again >= 0 ? again : this.#sequenceNumber;',
    'return this.#sequenceNumber;',
  ),
  one(
    'open Frames are forgotten at a drain',
    'pipeline/frames/frames.ts',
    `sealAll(): void {
    while (this.#oldest) this.#seal(this.#oldest);`,
    'sealAll(): void { this.#open.clear(); this.#oldest = undefined;',
  ),
  one(
    'a kept partition is not sought on',
    'sources/kafka/group-member.ts',
    'if (next !== undefined) membership.begin({ ...origin, offset: String(next) });',
    "membership.begin({ ...origin, offset: '0' });",
  ),
  {
    name: 'a commit for a partition that is not assigned',
    changes: [
      { file: 'sources/kafka/group-member.ts', text: 'intake.drop(origin);', instead: '' },
      {
        file: 'sources/kafka/committer.ts',
        text: '.filter(({ origin }) => assignment.holds(origin))',
        instead: '',
      },
    ],
  },
  one('a Frame used again keeps its claims', 'pipeline/frames/frame.ts', 'this.progress = nobody;'),
  one(
    'what was dropped is settled all the same',
    'pipeline/frames/ledger.ts',
    'if (progress.dropped) return;',
  ),
  one(
    'after a rejoin that failed nothing is read',
    'sources/kafkajs/kafkajs-membership.ts',
    'if (hooked.isOutside) throw rejoinNeeded();',
  ),
  one(
    'heartbeats go by a clock that was set back',
    'sources/kafkajs/kafkajs-membership.ts',
    'if (group.lastRequest > nowMs) group.lastRequest = 0;',
  ),
  one(
    'consumed is not counted',
    'pipeline/frames/ledger.ts',
    'this.account.consumed += delivery.count;',
  ),
  one(
    'exported is not counted',
    'pipeline/frames/ledger.ts',
    'this.account.exported += events - discarded;',
  ),
  one('discarded is not counted', 'pipeline/frames/ledger.ts', 'this.account.discarded += 1;'),
  one(
    'in flight is not counted',
    'pipeline/frames/ledger.ts',
    'this.account.inFlight += delivery.count;',
  ),
  one(
    'an offset of a deleted topic is used for the new one',
    'sources/kafka/start-offsets.ts',
    'const isRecreated = topicId !== undefined && present !== undefined && topicId !== present;',
    'const isRecreated = false;',
  ),
  one(
    'a new log is not read from its start',
    'sources/kafka/group-member.ts',
    "membership.seek({ topic, partition, offset: '0' });",
    "membership.seek({ topic, partition, offset: '5' });",
  ),
  one(
    'a member that was given up goes on where it was',
    'sources/kafka/assignment.ts',
    'const kept = memberId === this.#memberId ? new Map(this.#origins) : new Map<string, Origin>();',
    'const kept = new Map(this.#origins);',
  ),
  one(
    'what is away is never tried again',
    'sources/kafka/away-partitions.ts',
    'if (away) away.isTried = true;',
  ),
];

const source = new URL('../../src/', import.meta.url);

/** The changes of a plant whose text does not stand in its file exactly once. */
export function misplaced({ changes }: Plant): string[] {
  return changes
    .filter(({ file, text }) => {
      const found = readFileSync(new URL(file, source), 'utf8').split(text).length - 1;
      return found !== 1;
    })
    .map(({ file, text }) => `${file}: ${text}`);
}

export function plantNamed(name: string): Plant {
  const found = plants.find((plant) => plant.name === name);
  if (found) return found;
  throw new Error(`no plant is named "${name}": ${plants.map((plant) => plant.name).join('; ')}`);
}

/** From now on the changed files are loaded as changed, in this thread. */
export function plant({ changes }: Plant): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const here = changes.filter(({ file }) => url === new URL(file, source).href);
      if (here.length === 0) return loaded;
      let text = readFileSync(fileURLToPath(url), 'utf8');
      for (const change of here) text = text.replace(change.text, () => change.instead);
      return { ...loaded, source: text };
    },
  });
}
