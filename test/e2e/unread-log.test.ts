// A log that nobody reads, while events flow: the Workers, the HTTP server and the end are as they are
// with a log that is read.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../demo/broker/free-port.ts';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { KafkaStage } from '../support/kafka/kafka-stage.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { Pipe } from '../support/processes/unread.ts';

const shutdownMs = 2_000;
/** A second for the last lines, and what a busy machine takes. */
const graceMs = 1_000 + 2_000;

function held(): Pipe {
  const pipe = Pipe.full();
  onTestFinished(() => pipe.close());
  return pipe;
}

async function served(): Promise<{ HTTP_LISTEN: string; url: string }> {
  const listen = `127.0.0.1:${await freePort('127.0.0.1')}`;
  return { HTTP_LISTEN: listen, url: `http://${listen}` };
}

const metric = async (url: string, name: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
};

describeWithKafka('a log that nobody reads', (brokers) => {
  test('holds up nothing: not the Workers, not the probes, not the end with the collector away', async () => {
    const around = await KafkaStage.around({ brokers, ratePerSecond: 5_000 });
    onTestFinished(() => around.close());
    const { host, port } = around.recorder;
    const { HTTP_LISTEN, url } = await served();
    const env = { WORKERS: '2', HTTP_LISTEN, SHUTDOWN_TIMEOUT: `${shutdownMs}ms` };
    const stage = await around.start(env, { log: held().fd });
    await around.until('received', () => around.received.unique > 5_000);
    await around.recorder.close();
    let probes = 0;
    const probe = async (): Promise<void> => {
      const startMs = performance.now();
      const { status } = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(5_000) });
      expect([status, performance.now() - startMs < 2_000]).toEqual([200, true]);
      probes += 1;
    };
    do {
      await probe();
      await sleep(100);
    } while ((await metric(url, 'kafka2ipfix_pauses_total{worker="0",reason="collector"}')) === 0);
    stage.kill('SIGTERM');
    await sleep(shutdownMs / 2);
    await probe();
    const ending = await Promise.race([stage.exited, sleep(shutdownMs / 2 + graceMs)]);
    expect(ending).toEqual({ code: 75, signal: null });
    expect(probes).toBeGreaterThan(1);

    const recorder = await Recorder.listen({ host, port });
    onTestFinished(() => recorder.close());
    around.received.add(recorder);
    await around.feed.stop();
    const last = await around.start();
    await around.offsets.untilNoLag();
    expect(await last.stop()).toBe(0);
    await around.standing();
    expect(around.received.missing(1, around.feed.produced)).toEqual([]);
  });
});
