import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  effectivePathMtu,
  headerOctets,
  type Route,
  routeTo,
} from '../../../src/pipeline/sending/path-mtu.ts';

const routeOf = (interfaceMtu: number | undefined): Route => ({
  address: '192.0.2.1',
  family: 4,
  interfaceMtu,
});

describe('PATH_MTU=auto', () => {
  test.each([
    [1500, 1500],
    [1450, 1450],
    [1420, 1420],
    [9000, 1500],
    [65_536, 1500],
    [68, 68],
  ])('at an interface of %i octets is %i', (interfaceMtu, wanted) => {
    expect(effectivePathMtu('auto', routeOf(interfaceMtu))).toBe(wanted);
  });

  test('is 512 where the system does not tell (RFC 7011 §10.3.3)', () => {
    expect(effectivePathMtu('auto', routeOf(undefined))).toBe(512);
  });
});

test('a number is taken as it is; its fit is judged elsewhere', () => {
  fc.assert(
    fc.property(fc.integer({ min: 512, max: 65_535 }), fc.option(fc.nat()), (mtu, interfaceMtu) => {
      expect(effectivePathMtu(mtu, routeOf(interfaceMtu ?? undefined))).toBe(mtu);
    }),
  );
});

test('IP and UDP take 28 octets over IPv4 and 48 over IPv6, so 512 leave 484 and 464', () => {
  expect(512 - headerOctets(4)).toBe(484);
  expect(512 - headerOctets(6)).toBe(464);
});

describe('the route to a collector', () => {
  test.each([
    ['127.0.0.1', 4],
    ['::1', 6],
  ])('of %s is by the loopback interface, whose MTU the system tells', async (host, family) => {
    const { address, interfaceMtu, ...route } = await routeTo(host, 4739);
    expect({ address, ...route }).toEqual({ address: host, family });
    expect(interfaceMtu).toBeGreaterThanOrEqual(1280);
  });

  test('of a name that stands for nothing is reported with its setting and the fix', async () => {
    await expect(routeTo('no-such-host.invalid', 4739)).rejects.toThrow(
      /^COLLECTORS: no-such-host\.invalid does not resolve \(E\w+\); correct the name/,
    );
  });

  test('of a name with several addresses is to each of them, in their order', async () => {
    const look = () =>
      Promise.resolve([
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ] as const);
    const { address, others } = await routeTo('collector.test', 4739, look);
    expect([address, others?.map((other) => other.address)]).toEqual(['::1', ['127.0.0.1']]);
  });

  test('in a zone that no interface has says which there are', async () => {
    await expect(routeTo('fe80::1%nope0', 4739)).rejects.toThrow(
      /^COLLECTORS: fe80::1%nope0 names the interface nope0, which does not exist; use one of .*lo/,
    );
  });
});
