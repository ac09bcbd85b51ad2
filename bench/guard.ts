// What a change may not cost: ratios of one run against those kept with the code. Times differ from
// machine to machine; how this stage stands to librdkafka and kafkajs does so much less.

import type { Ratios } from './comparison.ts';

/** The most that each ratio may be. */
export const ratioLimits: Ratios = {
  ofLibrdkafkaIdle: 0.6,
  ofObviousBridge: 0.1,
  ofKafkajsIdle: 0.2,
  dgramOfLibrdkafkaIdle: 0.85,
};

/** In a quick run the start, which is over in a second, weighs more, and so does chance. */
const quickFactor = 1.4;

/** One line for each ratio that is above its limit. */
export function regressions(ratios: Ratios, isQuick: boolean): string[] {
  const factor = isQuick ? quickFactor : 1;
  return Object.entries(ratioLimits)
    .map(([name, limit]) => [name, Number((limit * factor).toFixed(3))] as const)
    .filter(([name, limit]) => ratios[name as keyof Ratios] > limit)
    .map(([name, limit]) => `${name} is ${ratios[name as keyof Ratios]}, and may be ${limit}`);
}
