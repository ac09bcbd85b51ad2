// What a stage serves by HTTP, as a probe sees it.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Reason } from '../../../src/http/health.ts';
import { everythingSaid } from './said.ts';
import type { Stage } from './stage-process.ts';

/** Settings with which a stage serves on a port that nobody else has. */
export const served = { HTTP_LISTEN: '127.0.0.1:0' };

export async function urlOf(stage: Stage): Promise<string> {
  const { url } = await stage.waitForLine('health, metrics and status page');
  return String(url).replace(/\/$/, '');
}

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly Reason[];
}

/** Resolves when /readyz is ready, or not for this reason; at each look /livez has to answer 200. */
export async function untilReadiness(
  stage: Stage,
  wanted: 'ready' | Reason['code'],
  timeoutMs = 60_000,
): Promise<Readiness> {
  const url = await urlOf(stage);
  const giveUpAt = performance.now() + timeoutMs;
  let last: Readiness | undefined;
  while (performance.now() < giveUpAt) {
    const live = await fetch(`${url}/livez`);
    if (live.status !== 200) throw new Error(`/livez answers ${live.status}: ${await live.text()}`);
    const response = await fetch(`${url}/readyz`);
    last = (await response.json()) as Readiness;
    const codes = last.reasons.map(({ code }) => code);
    const is = wanted === 'ready' ? last.ready : codes.includes(wanted);
    if ((response.status === 200) !== last.ready)
      throw new Error(`${response.status} and ${last.ready}`);
    if (is) return last;
    await sleep(100);
  }
  throw new Error(`not ${wanted} but ${JSON.stringify(last)}:\n${everythingSaid(stage)}`);
}
