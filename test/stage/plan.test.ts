// What the Workers are told: Messages that fit the route and the mapping, and the rate limit.

import { describe, expect, test } from 'vitest';
import { type Plan, planFor } from '../../src/stage/plan.ts';
import { type Config, ConfigError, readConfig } from '../../src/config/config.ts';
import type { Fault } from '../../src/fault.ts';
import { ianaRegistry } from '../../src/ipfix/information-element.ts';
import { type Mapping } from '../../src/pipeline/mapping/mapping.ts';
import { mappingFromSchema } from '../support/events/mapping.ts';
import type { Route } from '../../src/pipeline/sending/path-mtu.ts';
import { flowEventMapping } from '../support/events/flow-events.ts';

const configOf = (settings: Readonly<Record<string, string>> = {}): Config =>
  readConfig({ INPUT_FILE: 'flows.avro', COLLECTORS: 'ipfix://192.0.2.1', ...settings }).config!;

const routeOf = (interfaceMtu: number | undefined, family: 4 | 6 = 4): Route => ({
  address: family === 4 ? '192.0.2.1' : '2001:db8::1',
  family,
  interfaceMtu,
});

interface Given {
  readonly settings?: Readonly<Record<string, string>>;
  readonly mapping?: Mapping;
  readonly route?: Route | undefined;
}

const planOf = ({ settings, mapping = flowEventMapping, route = routeOf(1500) }: Given): Plan =>
  planFor(configOf(settings), [mapping], route);

/** The faults of the ConfigError that is thrown; none where there is a Plan. */
function faultsOf(given: Given): readonly Fault[] {
  try {
    planOf(given);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults;
  }
}

/** A mapping of so many elements of one type, each in its natural length. */
function mappingOf(count: number, types: readonly string[], avroType: string): Mapping {
  const elements = ianaRegistry.filter(({ type }) => types.includes(type)).slice(0, count);
  const fields = elements.map(({ name }) => ({ name, type: avroType, ipfix: name }));
  const mapping = mappingFromSchema({ type: 'record', name: 'E', fields });
  expect([mapping.faults, mapping.fields.length]).toEqual([[], count]);
  return mapping;
}

describe('the path MTU', () => {
  test.each([
    [1500, 1500],
    [1420, 1420],
    [9000, 1500],
    [undefined, 512],
  ])('at an interface of %s octets is %i by PATH_MTU=auto', (interfaceMtu, pathMtu) => {
    const route = routeOf(interfaceMtu);
    expect(planOf({ route })).toMatchObject({ route, pathMtu, messageOctetsMax: pathMtu - 28 });
  });

  test.each([
    ['512', undefined],
    ['65535', undefined],
    ['1500', 1500],
    ['1280', 1500],
    ['9000', 9000],
    ['9000', 65_536],
  ])('of PATH_MTU=%s is taken as it is at an interface of %s', (text, interfaceMtu) => {
    const settings = { PATH_MTU: text };
    const pathMtu = Number(text);
    expect(planOf({ settings, route: routeOf(interfaceMtu) })).toMatchObject({ pathMtu });
  });

  test('is the least of all addresses of a name, and both IP versions are tried', () => {
    const route = { ...routeOf(1500), others: [routeOf(1500, 6)] };
    expect(planOf({ route })).toMatchObject({ messageOctetsMax: 1452, families: [4, 6] });
    const tunnel = { ...routeOf(1500), others: [routeOf(1400)] };
    expect(planOf({ route: tunnel })).toMatchObject({ messageOctetsMax: 1372, families: [4] });
  });

  test('that leaves too little for the longer header of IPv6 keeps to the first address’s version', () => {
    const mapping = mappingOf(57, ['unsigned64'], 'long');
    const route = { ...routeOf(1500), others: [routeOf(1500, 6)] };
    const settings = { PATH_MTU: '512' };
    expect(planOf({ settings, mapping, route })).toMatchObject({
      ...{ messageOctetsMax: 484, families: [4] },
    });
    const other = { ...routeOf(1500, 6), others: [routeOf(1500)] };
    expect(faultsOf({ settings, mapping, route: other })).toMatchObject([{ where: 'PATH_MTU' }]);
  });

  test('passes over addresses without a way to them, and of another version than SOURCE_ADDRESS', () => {
    const route = { ...routeOf(undefined, 6), others: [routeOf(1500)] };
    expect(planOf({ route })).toMatchObject({ messageOctetsMax: 1472, families: [4] });
    const both = { ...routeOf(1500, 6), others: [routeOf(1500)] };
    const settings = { SOURCE_ADDRESS: '192.0.2.7' };
    expect(planOf({ route: both, settings })).toMatchObject({ families: [4] });
  });

  test('is not asked for at the broadcast address of a network of this host', () => {
    const route = { ...routeOf(1500), address: '127.255.255.255' };
    expect(faultsOf({ route })).toEqual([
      {
        where: 'COLLECTORS',
        problem: expect.stringContaining('broadcast address 127.255.255.255') as string,
      },
    ]);
  });

  test.each([
    [4, 1472],
    [6, 1452],
  ] as const)('loses its IPv%i and UDP headers: 1500 octets leave %i', (family, most) => {
    expect(planOf({ route: routeOf(1500, family) }).messageOctetsMax).toBe(most);
  });

  test("above the interface's own is a fault that says what to do", () => {
    expect(faultsOf({ settings: { PATH_MTU: '1501' } })).toEqual([
      {
        where: 'PATH_MTU',
        problem:
          "1501 is above the outgoing interface's MTU of 1500: Messages would be fragmented; " +
          'lower it, or set it to auto',
      },
    ]);
    expect(() => planOf({ settings: { PATH_MTU: '1501' } })).toThrow(ConfigError);
  });
});

describe('the room of a Message', () => {
  test.each([4, 6] as const)('of 512 octets over IPv%i is enough for the default schema', (v) => {
    expect(faultsOf({ settings: { PATH_MTU: '512' }, route: routeOf(1500, v) })).toEqual([]);
  });

  // 484 octets less 16 and 4 for the headers, and 4 for the Template's own: 115 fields of 4.
  test('must carry each Template', () => {
    const small = (count: number) => mappingOf(count, ['unsigned8', 'unsigned16'], 'int');
    const settings = { PATH_MTU: '512' };
    expect(faultsOf({ settings, mapping: small(115) })).toEqual([]);
    const [fault, ...more] = faultsOf({ settings, mapping: small(116) });
    expect(more).toEqual([]);
    expect(fault!.where).toBe('PATH_MTU');
    expect(fault!.problem).toMatch(
      /^leaves Messages of 484 octets, too short .* Templates \(488\); raise it or map fewer/,
    );
    expect(faultsOf({ settings: { PATH_MTU: '516' }, mapping: small(116) })).toEqual([]);
  });

  // 464 octets are 58 fields of 8.
  test('must carry each Data Record', () => {
    const large = (count: number) => mappingOf(count, ['unsigned64'], 'long');
    const settings = { PATH_MTU: '512' };
    expect(faultsOf({ settings, mapping: large(58) })).toEqual([]);
    expect(faultsOf({ settings, mapping: large(59) })).toEqual([
      {
        where: 'PATH_MTU',
        problem:
          'leaves Messages of 484 octets, too short for the records of the mapping (472 octets) or ' +
          'Templates (260); raise it or map fewer fields',
      },
    ]);
  });

  test('is judged by the interface too, where PATH_MTU is auto', () => {
    expect(faultsOf({ route: routeOf(68) })).toMatchObject([{ where: 'PATH_MTU' }]);
  });
});

describe('the rate limit', () => {
  test('is none by default', () => {
    expect(planOf({}).rateLimit).toBeUndefined();
  });

  test.each([
    [50_000, 1000],
    [50_001, 1001],
    [2300, 46],
    [2299, 46],
    [1, 46],
  ])('of %i a second has a burst of %i: a fiftieth of a second, yet a Message', (rate, burst) => {
    const settings = { EXPORT_RATE_LIMIT: String(rate) };
    expect(planOf({ settings }).rateLimit).toEqual({ ratePerSecond: rate, burst });
  });

  test('has the burst that is set', () => {
    const settings = { EXPORT_RATE_LIMIT: '500', EXPORT_BURST: '7' };
    expect(planOf({ settings }).rateLimit).toEqual({ ratePerSecond: 500, burst: 7 });
  });
});

describe('the Observation Domain', () => {
  const domainOn = (hostName: string, setting: string): number =>
    planFor(
      configOf({ OBSERVATION_DOMAIN_ID: setting }),
      [flowEventMapping],
      routeOf(1500),
      hostName,
    ).observationDomainId;

  test('is the one that is set', () => {
    expect(domainOn('flows-3', '7')).toBe(7);
  });

  test.each([
    ['flows-0', 1],
    ['flows-3', 769],
    ['kafka2ipfix-eu-12', 3073],
  ])('of %s is %i by auto', (hostName, domain) => {
    expect(domainOn(hostName, 'auto')).toBe(domain);
  });

  test.each(['collector', '3f2a9c1b7d4e', 'flows-7c9f8d-abc12', 'flows-99999999'])(
    'of %s, a name without an ordinal, is by auto in the other half, and stays the same',
    (hostName) => {
      const domain = domainOn(hostName, 'auto');
      expect(domain).toBeGreaterThan(2 ** 31);
      expect(domain % 256).toBe(1);
      expect(domainOn(hostName, 'auto')).toBe(domain);
    },
  );

  test('is by auto another one for each of a thousand containers', () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `container${i}`);
    expect(new Set(names.map((name) => domainOn(name, 'auto'))).size).toBe(names.length);
  });
});

describe('Messages in a file', () => {
  const planOfFile = (mapping: Mapping) =>
    planFor(configOf({ COLLECTORS: 'file:flows.ipfix', PATH_MTU: '512' }), [mapping], undefined);

  test('are as long as a Message can be, whatever PATH_MTU says', () => {
    expect(planOfFile(flowEventMapping)).toMatchObject({
      ...{ route: undefined, pathMtu: undefined },
      messageOctetsMax: 65_535,
    });
  });
});
