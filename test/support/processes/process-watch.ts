// A process's memory and file descriptors over time, and whether they grow. Linux tells both by /proc.

import { readdirSync, readFileSync } from 'node:fs';

export interface Sample {
  readonly atS: number;
  readonly rssMiB: number;
  readonly descriptors: number;
  readonly lag: number;
}

export function sampleOf(pid: number, atS: number, lag: number): Sample {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const rssKiB = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  const descriptors = readdirSync(`/proc/${pid}/fd`).length;
  return { atS, rssMiB: Math.round(rssKiB / 1024), descriptors, lag };
}

/** How much a figure grows in an hour: the slope of the straight line that fits best. */
export function growthPerHour(samples: readonly Sample[], of: 'rssMiB' | 'descriptors' | 'lag') {
  const count = samples.length;
  if (count < 2) return 0;
  const meanS = samples.reduce((sum, { atS }) => sum + atS, 0) / count;
  const mean = samples.reduce((sum, sample) => sum + sample[of], 0) / count;
  let covariance = 0;
  let variance = 0;
  for (const sample of samples) {
    covariance += (sample.atS - meanS) * (sample[of] - mean);
    variance += (sample.atS - meanS) ** 2;
  }
  return (covariance / variance) * 3600;
}
