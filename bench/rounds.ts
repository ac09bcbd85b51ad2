// Contestants in turns, so that what the machine does meanwhile is shared by all of them; then the
// median of each, with its least and most.

import type { Contestant, Course } from './contestants.ts';

export interface Row {
  readonly name: string;
  /** Medians. */
  readonly nsCpuPerRecord: number;
  readonly recordsPerSecond: number;
  readonly nsCpuPerRecordMin: number;
  readonly nsCpuPerRecordMax: number;
  readonly rounds: number;
}

export type Say = (line: string) => void;

export async function interleaved(
  contestants: readonly Contestant[],
  course: Course,
  rounds: number,
  say: Say,
): Promise<Row[]> {
  const runs = contestants.map(() => [] as { cpu: number; rate: number }[]);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, { name, run }] of contestants.entries()) {
      const { records, cpuSeconds, wallSeconds } = await run(course);
      const cpu = (cpuSeconds * 1e9) / records;
      runs[i]!.push({ cpu, rate: records / wallSeconds });
      say(`round ${round + 1} of ${rounds}: ${name}: ${cpu.toFixed(0)} ns of CPU per record`);
    }
  }
  return contestants.map(({ name }, i) => rowOf(name, runs[i]!));
}

function rowOf(name: string, runs: readonly { cpu: number; rate: number }[]): Row {
  const cpus = runs.map(({ cpu }) => cpu);
  return {
    name,
    nsCpuPerRecord: Math.round(median(cpus)),
    recordsPerSecond: Math.round(median(runs.map(({ rate }) => rate))),
    nsCpuPerRecordMin: Math.round(Math.min(...cpus)),
    nsCpuPerRecordMax: Math.round(Math.max(...cpus)),
    rounds: runs.length,
  };
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
