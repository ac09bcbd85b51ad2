// What one seed stands for: how many brokers, partitions and processes there are, and what befalls them
// when. Everything is plain data, so that a run can be told, replayed and made shorter.

import { Random } from '../../src/generator/random.ts';

export type ActKind =
  | 'kill'
  | 'terminate'
  | 'freeze'
  | 'add process'
  | 'remove process'
  | 'stop broker'
  | 'break connections'
  | 'move leader'
  | 'move coordinator'
  | 'evict'
  | 'add partitions'
  | 'slow requests'
  | 'lose requests'
  | 'lose answers'
  | 'delay requests'
  | 'refuse requests'
  | 'collector away'
  | 'collector moves'
  | 'name unknown'
  | 'kernel full'
  | 'kernel stalls'
  | 'clock steps'
  | 'registry away'
  | 'retention'
  | 'topic created again'
  | 'offsets moved';

export interface Act {
  readonly atMs: number;
  readonly kind: ActKind;
  /** Which one, where there are several; taken modulo their number. */
  readonly which: number;
  readonly forMs: number;
  readonly times: number;
}

export interface Plan {
  readonly seed: number;
  readonly brokers: number;
  readonly partitions: number;
  readonly processes: number;
  /** Until then things happen; afterwards it is quiet. */
  readonly stormMs: number;
  readonly acts: readonly Act[];
}

const weights: readonly (readonly [number, ActKind])[] = [
  [5, 'kill'],
  [4, 'terminate'],
  [4, 'freeze'],
  [4, 'add process'],
  [3, 'remove process'],
  [3, 'stop broker'],
  [3, 'break connections'],
  [4, 'move leader'],
  [2, 'move coordinator'],
  [2, 'evict'],
  [1, 'add partitions'],
  [2, 'slow requests'],
  [3, 'lose requests'],
  [3, 'lose answers'],
  [3, 'delay requests'],
  [4, 'refuse requests'],
  [8, 'collector away'],
  [2, 'collector moves'],
  [1, 'name unknown'],
  [3, 'kernel full'],
  [3, 'kernel stalls'],
  [2, 'clock steps'],
  [2, 'registry away'],
  [1, 'retention'],
  [3, 'topic created again'],
  [2, 'offsets moved'],
];

export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const stormMs = random.integer(4_000, 10_000);
  const acts = Array.from({ length: random.integer(2, 12) }, () => ({
    atMs: random.integer(300, stormMs - 500),
    kind: random.pickWeighted(weights),
    which: random.integer(0, 11),
    // Many short ones, some longer than a session or a drain.
    forMs: Math.round(random.logNormal(600, 1)),
    times: random.integer(1, 4),
  }));
  return {
    ...{ seed, stormMs },
    brokers: random.integer(1, 3),
    partitions: random.integer(1, 5),
    processes: random.integer(1, 3),
    acts: acts.sort((a, b) => a.atMs - b.atMs),
  };
}

export const actText = ({ atMs, kind, which, forMs, times }: Act): string =>
  `${String(atMs).padStart(6)} ms  ${kind} (which ${which}, for ${forMs} ms, ${times} times)`;
