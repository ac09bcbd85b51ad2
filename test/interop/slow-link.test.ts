// A backlog behind a link of 4 Mbit/s: a tun interface with `tc qdisc tbf` in a network of its own. Needs
// Linux, Python, and the right to make one. `npm run test:long slow-link` has a larger backlog.

import { describe, expect, test } from 'vitest';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { isLocal, slowLink } from '../support/rounds/slow-link-rounds.ts';
import { isLinkAllowed } from '../support/processes/tun-link.ts';

const name = 'a backlog behind a link of 4 Mbit/s';

describeWithKafka(name, (brokers) => {
  const isAllowed = isLocal(brokers) && isLinkAllowed();
  const why = ' (this user may not make such a link, or the broker is not on 127.0.0.1)';

  describe.runIf(isAllowed)(isAllowed ? 'on Linux' : `on Linux${why}`, () => {
    test('is waited for: memory has its bound, the member its place, and nothing is lost', async () => {
      const { rssMiB, samples, ...report } = await slowLink({
        ...{ broker: brokers[0]!, count: 120_000, watchedS: 12, seed: 7 },
      });
      console.log(JSON.stringify({ ...report, rssMiB }));
      expect(report).toMatchObject({ joins: 1, lost: 0, repeated: 0, missingNumbers: 0 });
      // The kernel said that it was full; the link never had to.
      expect(report.linkDropped).toBe(0);
      expect(report.linkMbitPerSecond).toBeLessThan(4.2);
      expect(report.lag, 'a backlog is left').toBeGreaterThan(0);
      expect(report.lag, 'the commit goes on').toBeLessThan(samples[0]!.lag);
      expect(rssMiB.most - rssMiB.start).toBeLessThanOrEqual(60);
    });
  });
});
