// Runs of Messages through the kernel and back, by the C library's own calls.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { BatchSender } from '../../../src/pipeline/sending/batch-sender.ts';
import { AF_INET, type Libc, loadLibc } from '../../../src/pipeline/sending/libc.ts';
import { type Message, unknownAddress } from '../../../src/pipeline/frames/message.ts';
import { runOctetsMax } from '../../../src/pipeline/sending/sender.ts';
import { silent } from '../../support/fakes/scripted-session.ts';

const onLinux = process.platform === 'linux';
const soon = { interval: 2 };
const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

const families = [
  { family: 4, host: '127.0.0.1', type: 'udp4' },
  { family: 6, host: '::1', type: 'udp6' },
] as const;
type Family = (typeof families)[number];

async function listening({ type, host }: Family): Promise<{ socket: Socket; got: Buffer[] }> {
  const socket = createSocket({ type, recvBufferSize: 2 ** 20 });
  socket.bind(0, host);
  await once(socket, 'listening');
  open.push(socket);
  const got: Buffer[] = [];
  socket.on('message', (octets) => got.push(octets));
  return { socket, got };
}

async function connectedTo(to: Family, port: number, libc = loadLibc()): Promise<BatchSender> {
  const sender = new BatchSender(libc, { host: to.host, port, families: [to.family], log: silent });
  await sender.connect();
  open.push(sender);
  return sender;
}

const messageOf = (length: number, content: number): Message => ({
  // What lies around it is nobody's business.
  buffer: Buffer.alloc(length + 100, 255).fill(content, 60, 60 + length),
  ...{ start: 60, length, records: 1, address: unknownAddress },
});

const freePort = async (to: Family): Promise<number> => {
  const { socket } = await listening(to);
  const { port } = socket.address();
  socket.close();
  open.pop();
  return port;
};

describe.runIf(onLinux)('runs of which a queue of this host has no room', () => {
  const ENOBUFS = 105;

  test('are sent alone for a while, and in runs again when it is over', async () => {
    const to = families[0];
    const { socket } = await listening(to);
    const libc = loadLibc();
    let isFull = false;
    let nowMs = 0;
    const sender = new BatchSender(
      {
        ...libc,
        sendmsg: (...args) => (isFull ? -1 : libc.sendmsg(...args)),
        get errno() {
          return isFull ? ENOBUFS : libc.errno;
        },
      },
      {
        ...{ host: to.host, port: socket.address().port, families: [to.family], log: silent },
        nowMs: () => nowMs,
      },
    );
    open.push(sender);
    await sender.connect();
    const refusals: string[] = [];
    sender.onRefused = (code) => refusals.push(code);
    const run = [messageOf(100, 1), messageOf(100, 2)];
    expect(sender.send(run)).toEqual({ kind: 'taken', count: 2 });
    isFull = true;
    // Nobody says how much of the run before it was dropped: that one is suspect.
    expect(sender.send(run)).toEqual({ kind: 'later', code: 'ENOBUFS' });
    expect([refusals, sender.runMax]).toEqual([['ENOBUFS'], 1]);
    nowMs = 30_000;
    expect(sender.send(run.slice(0, 1))).toEqual({ kind: 'later', code: 'ENOBUFS' });
    isFull = false;
    expect(sender.send(run.slice(0, 1))).toEqual({ kind: 'taken', count: 1 });
    expect(refusals).toHaveLength(1);
    nowMs = 89_999;
    expect(sender.runMax).toBe(1);
    nowMs = 90_000;
    expect(sender.runMax).toBe(64);
    expect(sender.send(run)).toEqual({ kind: 'taken', count: 2 });
    isFull = true;
    sender.send(run);
    // Again, and soon: for twice as long.
    nowMs = 90_000 + 119_999;
    expect(sender.runMax).toBe(1);
    nowMs += 1;
    expect(sender.runMax).toBe(64);
  });
});

describe.runIf(onLinux)('a run', () => {
  test.each(families)('over IPv$family arrives as the Messages it was made of', async (to) => {
    const { socket, got } = await listening(to);
    const sender = await connectedTo(to, socket.address().port);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1472 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 1472 }),
        async (length, count, last) => {
          fc.pre(length * count <= runOctetsMax);
          got.length = 0;
          const run = Array.from({ length: count }, (_, i) => messageOf(length, i + 1));
          if (last < length) run.push(messageOf(last, 99));
          if (run.length > 64 || length * run.length > runOctetsMax) run.pop();
          expect(sender.send(run)).toEqual({ kind: 'taken', count: run.length });
          await vi.waitFor(() => expect(got).toHaveLength(run.length), soon);
          expect(got).toEqual(run.map((m) => m.buffer.subarray(m.start, m.start + m.length)));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is read again from where it lies at each call', async () => {
    const [to] = families;
    const { socket, got } = await listening(to);
    const sender = await connectedTo(to, socket.address().port);
    const run = [messageOf(500, 1), messageOf(500, 2)];
    sender.send(run);
    run[0]!.buffer.fill(3);
    sender.send(run);
    await vi.waitFor(() => expect(got.map(([first]) => first)).toEqual([1, 2, 3, 2]));
  });

  test.each(['EINVAL', 'EIO'] as const)(
    'that the kernel does not cut apart (%s) is sent one by one from then on, and this is logged once',
    async (code) => {
      const [to] = families;
      const { socket, got } = await listening(to);
      const sender = await connectedTo(to, socket.address().port, withoutRuns(code));
      const warn = vi.spyOn(silent, 'warn');
      const run = [messageOf(500, 1), messageOf(500, 2)];
      expect(sender.send(run)).toEqual({ kind: 'taken', count: 1 });
      expect(sender.runMax).toBe(1);
      sender.send(run.slice(1));
      await vi.waitFor(() => expect(got.map(([first]) => first)).toEqual([1, 2]));
      expect(warn.mock.calls.map(([about]) => about)).toMatchObject([
        { code: 'BATCHES_UNSUPPORTED', error: code },
      ]);
      warn.mockRestore();
    },
  );
});

/** A kernel whose interfaces cannot do what runs need. */
function withoutRuns(code: 'EINVAL' | 'EIO'): Libc {
  const libc = loadLibc();
  let errno = 0;
  const sendmsg: Libc['sendmsg'] = (...args) => {
    if (controlOf.run) {
      errno = code === 'EINVAL' ? 22 : 5;
      return -1;
    }
    const sent = libc.sendmsg(...args);
    errno = libc.errno;
    return sent;
  };
  const controlOf = { run: true };
  const others = new Set<number>();
  return {
    ...libc,
    socket: (domain, ...rest) => {
      const fd = libc.socket(domain, ...rest);
      if (domain !== AF_INET) others.add(fd);
      return fd;
    },
    sendmsg: (...args) => {
      if (others.has(args[0])) return libc.sendmsg(...args);
      const answer = sendmsg(...args);
      controlOf.run = false;
      return answer;
    },
    get errno() {
      return errno;
    },
  };
}

test.runIf(onLinux)(
  'a Message short enough is not blamed for one that a router dropped',
  async () => {
    const [to] = families;
    const { socket } = await listening(to);
    const EMSGSIZE = 90;
    const libc = { ...loadLibc(), sendmsg: () => -1, errno: EMSGSIZE };
    const sender = await connectedTo(to, socket.address().port, libc);
    expect(sender.send([messageOf(1000, 1)])).toEqual({ kind: 'refused', code: 'EMSGSIZE' });
    const tooLong = messageOf(sender.octetsMax! + 1, 1);
    expect(sender.send([tooLong])).toEqual({ kind: 'tooLong' });
  },
);

describe.runIf(onLinux)('a closed port', () => {
  test.each(families)(
    'over IPv$family: each refusal is reported, none is swallowed',
    async (to) => {
      const sender = await connectedTo(to, await freePort(to));
      const told: string[] = [];
      sender.onRefused = (code) => told.push(code);
      expect(sender.send([messageOf(100, 1)])).toEqual({ kind: 'taken', count: 1 });
      await sleep(20);
      await sender.confirm();
      expect(told).toEqual(['ECONNREFUSED']);
      // All of a run are refused; the next call says so before it sends anything, too.
      const run = [messageOf(100, 1), messageOf(100, 2), messageOf(100, 3)];
      expect(sender.send(run)).toEqual({ kind: 'taken', count: 3 });
      await sleep(20);
      expect(sender.send(run)).toEqual({ kind: 'refused', code: 'ECONNREFUSED' });
      await sender.confirm();
      expect(told.length).toBeGreaterThanOrEqual(2);
      told.length = 0;
      await sender.confirm();
      expect(told).toEqual([]);
    },
  );
});

describe.runIf(onLinux)('a name', () => {
  test('that moves is followed, from the same SOURCE_PORT', async () => {
    const [to] = families;
    const first = await listening(to);
    const { port } = first.socket.address();
    const second = createSocket('udp4');
    second.bind(port, '127.0.0.2');
    await once(second, 'listening');
    open.push(second);
    let addresses = ['127.0.0.1'];
    const lookup = () =>
      Promise.resolve(addresses.map((address) => ({ address, family: 4 as const })));
    const sourcePort = await freePort(to);
    const options = { host: 'collector.test', port, families: [4], sourcePort, lookup } as const;
    const sender = new BatchSender(loadLibc(), { ...options, log: silent });
    open.push(sender);
    await sender.connect();
    expect(await sender.hasMoved()).toBe(false);
    addresses = ['127.0.0.9', '127.0.0.1'];
    expect(await sender.hasMoved(), 'the one in use is still among them').toBe(false);
    addresses = ['127.0.0.2'];
    expect(await sender.hasMoved()).toBe(true);
    await sender.connect();
    const arrival = once(second, 'message');
    sender.send([messageOf(10, 7)]);
    const [octets, from] = (await arrival) as [Buffer, { port: number }];
    expect([octets[0], from.port]).toEqual([7, sourcePort]);
    expect(first.got).toEqual([]);
  });

  test('that has no address, or one without a way to it, leaves the last one in use', async () => {
    const [to] = families;
    const { socket, got } = await listening(to);
    let addresses = ['127.0.0.1'];
    const lookup = () =>
      Promise.resolve(addresses.map((address) => ({ address, family: 4 as const })));
    const { port } = socket.address();
    const options = { host: 'collector.test', port, families: [4], lookup } as const;
    const sender = new BatchSender(loadLibc(), { ...options, log: silent });
    open.push(sender);
    await sender.connect();
    for (addresses of [[], ['255.255.255.255']]) {
      await expect(sender.connect()).rejects.toThrow();
    }
    sender.send([messageOf(10, 7)]);
    await vi.waitFor(() => expect(got).toHaveLength(1));
  });
});
