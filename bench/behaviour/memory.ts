// What a Worker needs of memory while it works off 50 million events: octets of JavaScript heap allocated
// for an event once it is warm, and the resident memory of the process, of the built program.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../demo/broker/free-port.ts';
import { startFakeRegistry } from '../../test/support/fakes/fake-registry.ts';
import { startStage } from '../../test/support/processes/stage-process.ts';
import { makeCourse } from '../course.ts';
import { messageOctets } from '../equal-settings.ts';
import { flowSchema, schemaId, summedElement } from '../flows.ts';
import { NativePrograms } from '../native-program.ts';
import { stageEnv } from '../../test/support/processes/stage-env.ts';

const records = 50_000_000;
const sampleEveryMs = 500;
const allowed = { heapOctetsPerEvent: 1, residentMb: 180, growthMb: 10 };

interface Sample {
  readonly exported: number;
  readonly residentMb: number;
  /** By the Worker's thread, since its start. */
  readonly heapOctets: number;
}

const root = join(import.meta.dirname, '..', '..');
const heapReport = join(import.meta.dirname, 'heap-report.ts');
const workerThreadId = '1';

export async function memory(brokers: readonly string[]) {
  execFileSync('npm', ['run', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const native = new NativePrograms();
  const registry = await startFakeRegistry();
  registry.schemas.set(schemaId, { schema: flowSchema });
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-heap-'));
  const options = { records, batchRecords: 1_000, codec: 'none' } as const;
  const course = await makeCourse({ native, brokers, registryUrl: registry.url, ...options });
  try {
    const receiver = native.start('receive', [records, summedElement]);
    const collector = `ipfix://127.0.0.1:${await receiver.line()}`;
    const listen = `127.0.0.1:${await freePort('127.0.0.1')}`;
    const stage = await startStage(
      {
        ...stageEnv({
          brokers: course.brokers,
          topic: course.topic,
          group: 'bench-memory',
          collector,
        }),
        SCHEMA_REGISTRY_URL: course.registryUrl,
        PATH_MTU: String(messageOctets + 28),
        HTTP_LISTEN: listen,
        LOG_LEVEL: 'warn',
        HEAP_REPORT: folder,
        // As the image and the unit of systemd start it.
        NODE_OPTIONS: '--max-semi-space-size=1',
      },
      { mainFile: join(root, 'dist', 'main.js'), nodeArgs: ['--import', heapReport] },
    );
    await receiver.line();
    const run = { isOver: false };
    const received = receiver.json<{ records: number }>().finally(() => (run.isOver = true));
    const samples: Sample[] = [];
    while (!run.isOver) {
      await sleep(sampleEveryMs);
      samples.push({
        exported: await exportedBy(listen),
        residentMb: residentMbOf(stage.process.pid!),
        heapOctets: Number(readFileSync(join(folder, workerThreadId), 'utf8')),
      });
    }
    const arrived = (await received).records;
    await stage.stop();
    return rowOf(samples, arrived);
  } finally {
    await course.remove();
    await registry.close();
    native.close();
    rmSync(folder, { recursive: true });
    rmSync(join(root, 'dist'), { recursive: true });
  }
}

function rowOf(samples: readonly Sample[], arrived: number) {
  const warm = samples.filter(({ exported }) => exported > records / 5 && exported < records);
  const [first, last] = [warm[0]!, warm.at(-1)!];
  const half = warm.length / 2;
  const most = (some: readonly Sample[]) => Math.max(...some.map(({ residentMb }) => residentMb));
  const heapOctetsPerEvent =
    (last.heapOctets - first.heapOctets) / (last.exported - first.exported);
  const growthMb = most(warm.slice(half)) - most(warm.slice(0, half));
  const residentMb = most(samples);
  return {
    name: 'under 1 octet of heap for an event, under 180 MB, and flat over 50 million events',
    ...{ events: records, arrived, samples: samples.length },
    heapOctetsPerEvent: Number(heapOctetsPerEvent.toFixed(2)),
    residentMb: { atFirst: samples[0]!.residentMb, most: residentMb, growth: growthMb },
    holds:
      arrived === records &&
      heapOctetsPerEvent < allowed.heapOctetsPerEvent &&
      residentMb < allowed.residentMb &&
      growthMb < allowed.growthMb,
  };
}

async function exportedBy(listen: string): Promise<number> {
  const response = await fetch(`http://${listen}/stats`);
  const { account } = (await response.json()) as { account: { exported: number } };
  return account.exported;
}

function residentMbOf(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!;
  return Math.round(Number(kb) / 1024);
}
