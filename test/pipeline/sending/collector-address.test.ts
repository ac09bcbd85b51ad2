// All addresses of a collector's name: the first that does not refuse, and what was in the window goes
// there again. Real sockets on loopback.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { BatchSender } from '../../../src/pipeline/sending/batch-sender.ts';
import { systemClock } from '../../../src/clock.ts';
import { CollectorAddress } from '../../../src/pipeline/sending/collector-address.ts';
import { DgramSender } from '../../../src/pipeline/sending/dgram-sender.ts';
import { loadLibc } from '../../../src/pipeline/sending/libc.ts';
import type { CollectorHost, UdpSenderOptions } from '../../../src/pipeline/sending/sender.ts';
import { ScriptedSession, seen, silent } from '../../support/fakes/scripted-session.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

const hostOf = (address: string): CollectorHost => ({
  address,
  family: address.includes(':') ? 6 : 4,
});

function optionsFor(addresses: () => readonly string[], port: number): UdpSenderOptions {
  return {
    ...{ host: 'collector.test', port, families: [4, 6] },
    lookup: () => Promise.resolve(addresses().map(hostOf)),
  };
}

async function listening(address: string, port = 0): Promise<{ socket: Socket; got: Buffer[] }> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.bind(port, address);
  await once(socket, 'listening');
  open.push(socket);
  const got: Buffer[] = [];
  socket.on('message', (octets) => got.push(octets));
  return { socket, got };
}

const kinds = ['batch', 'dgram'] as const;
const onLinux = process.platform === 'linux';

function sessionTo(kind: (typeof kinds)[number], options: UdpSenderOptions): ScriptedSession {
  const sender =
    kind === 'dgram'
      ? new DgramSender(options)
      : new BatchSender(loadLibc(), { ...options, log: silent });
  const session = new ScriptedSession({ sender, realClock: systemClock() });
  open.push(session.sink);
  return session;
}

/** `T` for Template Messages, the Frame's number of others. */
const traceOf = (got: readonly Buffer[]): string[] =>
  got.map((octets) => {
    const { kind, frame } = seen({ octets, atMs: 0, outcome: 'taken' });
    return kind === 'templates' ? 'T' : String(frame);
  });

describe.runIf(onLinux).each(kinds)('by %s', (kind) => {
  test('what the first address refuses goes to the next one, Templates first', async () => {
    const { socket, got } = await listening('127.0.0.3');
    const addresses = ['127.0.0.2', '::1', '127.0.0.3'];
    const session = sessionTo(
      kind,
      optionsFor(() => addresses, socket.address().port),
    );
    await session.start();
    for (let i = 0; i < 3; i += 1) session.transmit();
    await vi.waitFor(() => expect(session.settledFrames).toEqual([0, 1, 2]), { timeout: 30_000 });
    const trace = traceOf(got);
    expect(trace[0]).toBe('T');
    expect(trace.filter((one) => one !== 'T')).toEqual(['0', '1', '2']);
    expect(session.sink.seen.collector.state).toBe('sending');
  });

  test('an address that ends in the middle is followed by the next one, with all of the window', async () => {
    const { socket: first, got: before } = await listening('127.0.0.2');
    const { port } = first.address();
    const { got } = await listening('::1', port);
    const session = sessionTo(
      kind,
      optionsFor(() => ['127.0.0.2', '::1'], port),
    );
    await session.start();
    session.transmit();
    await vi.waitFor(() => expect(session.settledFrames).toEqual([0]), { timeout: 30_000 });
    expect(traceOf(before)).toContain('0');
    first.close();
    open.splice(open.indexOf(first), 1);
    for (let i = 0; i < 3; i += 1) session.transmit();
    await vi.waitFor(() => expect(session.settledFrames).toEqual([0, 1, 2, 3]), {
      timeout: 30_000,
    });
    const trace = traceOf(got);
    expect(trace[0]).toBe('T');
    expect(trace.filter((one) => one !== 'T')).toEqual(['1', '2', '3']);
  });

  test('a first address without a route does not keep it from the second', async () => {
    const { socket, got } = await listening('127.0.0.3');
    // A broadcast address cannot be connected to without a permission.
    const addresses = ['255.255.255.255', '127.0.0.3'];
    const session = sessionTo(
      kind,
      optionsFor(() => addresses, socket.address().port),
    );
    await session.start();
    session.transmit();
    await vi.waitFor(() => expect(session.settledFrames).toEqual([0]), { timeout: 30_000 });
    expect(traceOf(got)).toContain('0');
  });

  test('SOURCE_PORT is the same at an address of the other IP version', async () => {
    const { socket: probe } = await listening('127.0.0.1');
    const sourcePort = probe.address().port;
    probe.close();
    open.splice(open.indexOf(probe), 1);
    const { socket } = await listening('127.0.0.3');
    const from = new Promise<number>((resolve) => {
      socket.once('message', (_, { port }) => resolve(port));
    });
    const options = optionsFor(() => ['::1', '127.0.0.3'], socket.address().port);
    const session = sessionTo(kind, { ...options, sourcePort });
    await session.start();
    expect(await from).toBe(sourcePort);
  });
});

describe('the order', () => {
  async function addressOf(
    addresses: () => readonly string[],
    families: readonly (4 | 6)[] = [4, 6],
  ) {
    const address = new CollectorAddress({ ...optionsFor(addresses, 4739), families });
    const [first] = await address.candidates();
    address.current = first;
    return address;
  }
  const orderOf = async (address: CollectorAddress) =>
    (await address.candidates()).map((host) => host.address);

  test('stays with the present one until it refuses, and then puts it last', async () => {
    const address = await addressOf(() => ['a', 'b', 'c']);
    expect(await orderOf(address)).toEqual(['a', 'b', 'c']);
    expect(address.seen).toEqual({ address: 'a', next: 'b' });
    address.refused();
    expect(await orderOf(address)).toEqual(['b', 'c', 'a']);
    address.current = hostOf('c');
    address.refused();
    expect(await orderOf(address)).toEqual(['a', 'b', 'c']);
    expect(address.seen).toEqual({ address: 'c', next: 'a' });
  });

  test('of a single address is that one, which has no next', async () => {
    const address = await addressOf(() => ['a']);
    address.refused();
    expect(await orderOf(address)).toEqual(['a']);
    expect(address.seen).toEqual({ address: 'a' });
  });

  test('begins again where the name no longer stands for the present one', async () => {
    let addresses = ['a', 'b'];
    const address = await addressOf(() => addresses);
    addresses = ['c', 'd'];
    expect(await address.hasMoved()).toBe(true);
    address.refused();
    expect(await orderOf(address)).toEqual(['c', 'd']);
  });

  test('has only the IP versions that the room for Messages was calculated with', async () => {
    expect(await orderOf(await addressOf(() => ['::1', 'a', '::2'], [4]))).toEqual(['a']);
    await expect(addressOf(() => ['::1'], [4])).rejects.toThrow('has no IPv4 address');
  });
});
