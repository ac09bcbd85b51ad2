// All faults that this host shows at once: those of the source, and those of the plan.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import type { Route } from '../../src/pipeline/sending/path-mtu.ts';
import { checkedPlan, notResolved } from '../../src/stage/checked-plan.ts';
import { runCommand } from '../support/processes/command-line.ts';

const route: Route = { address: '127.0.0.1', family: 4, interfaceMtu: 1500 };

async function faultsOf(settings: Record<string, string>, to = route): Promise<string[]> {
  const env = { INPUT_FILE: 'flows.avro', COLLECTORS: 'ipfix://127.0.0.1', ...settings };
  try {
    await checkedPlan(readConfig(env).config!, [], to);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ where, problem }) => `${where}: ${problem}`);
  }
}

test('the faults of the source and of the path MTU are reported together', async () => {
  const faults = await faultsOf(
    { SOURCE_ADDRESS: '192.0.2.77', PATH_MTU: '9000' },
    {
      ...route,
      address: '192.0.2.1',
    },
  );
  expect(faults).toEqual([
    expect.stringMatching(/^SOURCE_ADDRESS: 192\.0\.2\.77 is not an address of this host/),
    expect.stringMatching(/^PATH_MTU: 9000 is above/),
  ]);
});

test('without an address of the collector, the source is checked by itself', async () => {
  const unresolved = { ...route, address: notResolved };
  expect(await faultsOf({ SOURCE_ADDRESS: '::1' }, unresolved)).toEqual([]);
  expect(await faultsOf({ SOURCE_ADDRESS: '192.0.2.77' }, unresolved)).toHaveLength(1);
});

test('run and validate refuse a source that cannot be used; --offline checks no port', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const env = {
    ...{ KAFKA_BROKERS: '127.0.0.1:1', KAFKA_TOPICS: 'flows', KAFKA_GROUP_ID: 'g' },
    ...{ COLLECTORS: 'ipfix://127.0.0.1', SOURCE_ADDRESS: '127.0.0.1', SOURCE_PORT: `${port}` },
  };
  const problem = `SOURCE_PORT: ${port} is in use by another process; stop it, or set another port`;
  const said = `kafka2ipfix: 1 fault in the configuration:\n  ${problem}`;
  const run = await runCommand(['run'], { env });
  expect([run.code, run.stderr]).toEqual([78, `${said}\n`]);
  const validate = await runCommand(['validate'], { env });
  expect([validate.code, validate.stderr]).toEqual([78, `${said}; --offline skips this check\n`]);
  const { code } = await runCommand(['validate', '--offline'], { env });
  expect(code).toBe(0);
  socket.close();
});
