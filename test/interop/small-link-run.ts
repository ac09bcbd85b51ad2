// Runs where the only link is a short one: the stage sends to each address of loopback with
// PATH_MTU=auto. Standard output is a SmallLinkReport as JSON. Argument: the file of flow events.

import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { Recorder } from '../support/fakes/recorder.ts';
import { startStage } from '../support/processes/stage-process.ts';
import { type Fragments, fragmentsCreated } from './fragments.ts';

export interface SmallLinkRun {
  readonly code: number | null;
  readonly pathMtu: unknown;
  readonly records: number;
  readonly octetsMax: number;
  /** Fragments that the run made. */
  readonly fragments: Fragments;
}

export interface SmallLinkReport {
  readonly ipv4: SmallLinkRun;
  readonly ipv6: SmallLinkRun;
  /** Fragments of one datagram each that is too long: what the counters do when they can move. */
  readonly tooLong: Fragments;
}

const report: SmallLinkReport = {
  ipv4: await run('127.0.0.1'),
  ipv6: await run('::1'),
  tooLong: await fragmentsDuring(async () => {
    await sendTooLong('udp4', '127.0.0.1');
    await sendTooLong('udp6', '::1');
  }),
};
process.stdout.write(JSON.stringify(report));

async function run(host: string): Promise<SmallLinkRun> {
  const recorder = await Recorder.listen({ host });
  let code: number | null = null;
  let pathMtu: unknown;
  const fragments = await fragmentsDuring(async () => {
    const stage = await startStage({
      INPUT_FILE: process.argv[2] ?? '',
      COLLECTORS: recorder.collector,
      PATH_MTU: 'auto',
      EXPORT_RATE_LIMIT: '60000',
    });
    ({ code } = await stage.exited);
    ({ pathMtu } = stage.lines().find(({ msg }) => msg === 'starting') ?? {});
  });
  await recorder.close();
  const octetsMax = Math.max(...recorder.datagrams.map(({ octets }) => octets.length));
  return { code, pathMtu, records: recorder.records().length, octetsMax, fragments };
}

async function fragmentsDuring(act: () => Promise<void>): Promise<Fragments> {
  const before = fragmentsCreated();
  await act();
  const after = fragmentsCreated();
  return { ipv4: after.ipv4 - before.ipv4, ipv6: after.ipv6 - before.ipv6 };
}

async function sendTooLong(type: 'udp4' | 'udp6', host: string): Promise<void> {
  const recorder = await Recorder.listen({ host });
  const socket = createSocket(type);
  const octets = Buffer.alloc(2000);
  await new Promise((resolve) => socket.send(octets, recorder.port, host, resolve));
  socket.close();
  await sleep(50);
  await recorder.close();
}
