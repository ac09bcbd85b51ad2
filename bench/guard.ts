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

/** One line for each ratio that is above its limit. */
export function regressions(ratios: Ratios): string[] {
  return Object.entries(ratioLimits)
    .filter(([name, limit]) => ratios[name as keyof Ratios] > limit)
    .map(([name, limit]) => `${name} is ${ratios[name as keyof Ratios]}, and may be ${limit}`);
}
