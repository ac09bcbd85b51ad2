// Wrong settings: all of them in one message, before anything is connected to. Needs no Kafka.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../support/processes/command-line.ts';
import { Recorder } from '../support/fakes/recorder.ts';

const configFault = 78;
const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-wrong-settings-'));
const schemaFile = join(folder, 'misspelt.avsc');
const noFile = join(folder, 'nowhere.avsc');
let recorder: Recorder;
let connections = 0;
const broker = createServer((socket) => {
  connections += 1;
  socket.destroy();
});

beforeAll(async () => {
  const misspelt = { name: 'bytes', type: 'long', ipfix: 'octetDeltaCuont' };
  const fine = { name: 'flowId', type: 'long', ipfix: 'flowId' };
  writeFileSync(
    schemaFile,
    JSON.stringify({ type: 'record', name: 'Flow', fields: [fine, misspelt] }),
  );
  broker.listen(0, '127.0.0.1');
  await once(broker, 'listening');
  recorder = await Recorder.listen();
});

afterAll(async () => {
  broker.close();
  await recorder.close();
  rmSync(folder, { recursive: true });
});

function environment(more: Record<string, string>): Record<string, string> {
  return {
    KAFKA_BROKERS: `127.0.0.1:${(broker.address() as AddressInfo).port}`,
    KAFKA_GROUP_ID: 'wrong-settings',
    COLLECTORS: recorder.collector,
    ...more,
  };
}

describe.each(['run', 'validate'])('%s', (command) => {
  test('tells every fault at once, each with its fix, and connects to nothing', async () => {
    const { collector } = recorder;
    const { code, stdout, stderr } = await runCommand([command], {
      env: environment({
        COLLECTORS: `${collector},${collector}`,
        PATH_MTU: 'abc',
        AVRO_SCHEMA_FILE: schemaFile,
      }),
    });
    expect(code).toBe(configFault);
    expect(stdout).toBe('');
    expect(stderr).toContain('4 faults');
    const [topics, mtu, collectors, element] = [
      /KAFKA_TOPICS: .*is not set.*KAFKA_TOPICS=\w+/,
      /PATH_MTU: "abc" .*(auto|number)/,
      /COLLECTORS: .*2 collectors.*one/,
      /AVRO_SCHEMA_FILE .*bytes: .*"octetDeltaCuont".*did you mean "octetDeltaCount"/,
    ];
    for (const fault of [topics, mtu, collectors, element]) expect(stderr).toMatch(fault);
    expectSilence();
  });

  test('names a schema file that cannot be read, beside the other faults', async () => {
    const { code, stderr } = await runCommand([command], {
      env: environment({ AVRO_SCHEMA_FILE: noFile, COMMIT_INTERVAL: '1 second' }),
    });
    expect(code).toBe(configFault);
    expect(stderr).toContain('3 faults');
    expect(stderr).toMatch(/KAFKA_TOPICS: /);
    expect(stderr).toMatch(/COMMIT_INTERVAL: "1 second" .*5s/);
    expect(stderr).toMatch(/AVRO_SCHEMA_FILE \(.*nowhere\.avsc\): .*ENOENT.*; /);
    expectSilence();
  });

  test('refuses a path MTU above that of the interface', async () => {
    const { code, stderr } = await runCommand([command], {
      env: environment({ KAFKA_TOPICS: 'flows', PATH_MTU: '65535', COLLECTORS: outsideCollector }),
    });
    expect(code).toBe(configFault);
    expect(stderr).toMatch(/PATH_MTU: .*65535.*MTU of \d+.*lower it/);
    expectSilence();
  });
});

/** An address that is not this machine's: its interface is not the loopback. */
const outsideCollector = 'ipfix://192.0.2.1:4739';

function expectSilence(): void {
  expect(connections).toBe(0);
  expect(recorder.datagrams).toEqual([]);
}
