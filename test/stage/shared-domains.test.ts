// Members that tell the same Observation Domain are found by the group's leader.

import { pino } from 'pino';
import { expect, test } from 'vitest';
import { SharedDomains } from '../../src/stage/shared-domains.ts';

function domainsWithLog() {
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    {},
    { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  return { domains: new SharedDomains(7, log), lines };
}
const told = (observationDomainId: number) => JSON.stringify({ observationDomainId });

test('domains of their own are no conflict', () => {
  const { domains, lines } = domainsWithLog();
  domains.check([domains.userData, told(8), told(9)]);
  expect(domains.conflicts).toBe(0);
  expect(lines).toEqual([]);
});

test('the same domain twice is an error that names it and the setting', () => {
  const { domains, lines } = domainsWithLog();
  domains.check([domains.userData, told(8), told(7), told(7)]);
  expect(domains.conflicts).toBe(2);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: 50, observationDomains: [7] });
  expect(lines[0]?.['msg']).toContain('OBSERVATION_DOMAIN_ID');
});

test('what another program tells is passed over', () => {
  const { domains, lines } = domainsWithLog();
  domains.check([domains.userData, '', 'null', '{"observationDomainId":"7"}', '{', '7']);
  expect(domains.conflicts).toBe(0);
  expect(lines).toEqual([]);
});
