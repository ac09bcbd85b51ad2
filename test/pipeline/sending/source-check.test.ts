// SOURCE_ADDRESS and SOURCE_PORT, tried on this host: each fault names its setting and what to do.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { sourceFaults } from '../../../src/pipeline/sending/source-check.ts';

const here = { address: '127.0.0.1', family: 4 } as const;
const here6 = { address: '::1', family: 6 } as const;

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** A port that is in use until the test ends. */
async function usedPort(address: string): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  open.push(socket);
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket.address().port;
}

/** A port that nothing has now. */
async function freePort(): Promise<number> {
  const port = await usedPort('127.0.0.1');
  open.pop()!.close();
  return port;
}

const textOf = async (...given: Parameters<typeof sourceFaults>): Promise<string[]> =>
  (await sourceFaults(...given)).map(({ where, problem }) => `${where}: ${problem}`);

const any = { address: undefined, port: undefined, sockets: 1 };

test('an address of this host and a free port have no fault, and are free afterwards', async () => {
  const wanted = { address: '127.0.0.1', port: await freePort(), sockets: 1 };
  expect(await textOf(wanted, [here])).toEqual([]);
  expect(await textOf(wanted, [])).toEqual([]);
  expect(await textOf(any, [here, here6])).toEqual([]);
});

test('an address of the other IP version names the collector’s', async () => {
  expect(await textOf({ ...any, address: '::1' }, [here])).toEqual([
    'SOURCE_ADDRESS: ::1 is an IPv6 address, but the collector has only IPv4 addresses ' +
      '(127.0.0.1); set an IPv4 address of this host, or remove it',
  ]);
  expect(await textOf({ ...any, address: '127.0.0.1' }, [here6])).toEqual([
    expect.stringMatching(
      /^SOURCE_ADDRESS: 127\.0\.0\.1 is an IPv4 .* only IPv6 addresses \(::1\)/,
    ),
  ]);
  expect(await textOf({ ...any, address: '127.0.0.1' }, [here6, here])).toEqual([]);
});

test.each(['192.0.2.77', '2001:db8::77'])(
  '%s of another host names those of this one',
  async (address) => {
    const [fault, ...more] = await textOf({ ...any, address }, []);
    expect(more).toEqual([]);
    expect(fault).toContain(
      `SOURCE_ADDRESS: ${address} is not an address of this host; set one of `,
    );
    expect(fault).toContain(address.includes(':') ? '::1' : '127.0.0.1');
  },
);

test('ports in use are listed together, those of all sockets', async () => {
  const port = await usedPort('127.0.0.1');
  const wanted = { address: '127.0.0.1', port: port - 1, sockets: 3 };
  expect(await textOf(wanted, [here])).toEqual([
    expect.stringMatching(
      new RegExp(
        `^SOURCE_PORT: (\\d+, )?${port}(, \\d+)? (is|are) in use by another process; stop it, or set`,
      ),
    ),
  ]);
});

test('a port in use on every address is one fault, whichever address is sent from', async () => {
  const port = await usedPort('0.0.0.0');
  for (const address of [undefined, '127.0.0.1']) {
    expect(await textOf({ address, port, sockets: 1 }, [here])).toEqual([
      `SOURCE_PORT: ${port} is in use by another process; stop it, or set another port`,
    ]);
  }
});

test('loopback has no route to a collector elsewhere', async () => {
  const elsewhere = { address: '192.0.2.1', family: 4 } as const;
  expect(await textOf({ ...any, address: '127.0.0.1' }, [elsewhere])).toEqual([
    'SOURCE_ADDRESS: 127.0.0.1 has no route to the collector at 192.0.2.1; ' +
      'set an address of the outgoing interface, or remove it',
  ]);
});

// Root may use every port.
test.skipIf(process.getuid?.() === 0)(
  'a port below 1024 says which ones are free for all',
  async () => {
    expect(await textOf({ ...any, port: 80 }, [here])).toEqual([
      'SOURCE_PORT: 80 may not be used by this user (EACCES); set a port from 1024 to 65535',
    ]);
  },
);
