// IPFIX files of the stage read by tshark, ipfixDump and python-ipfix; a file of python-ipfix, and
// what is captured with --pcap, read the other way round. Needs no Kafka.

import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { namesIn } from '../support/oracles/ipfix-files.ts';
import { appendixMessage } from '../vectors/rfc7011-appendix-a.ts';
import { generatedFlows } from './flows.ts';
import { differences } from './tshark-fields.ts';
import { readWithTshark } from './tshark.ts';

const seed = 5655;
/** With 110 octets each, more than one file of 1 MiB. */
const count = 12_000;
const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-ipfix-file-'));
const output = mkdtempSync(join(tmpdir(), 'kafka2ipfix-ipfix-file-'));
const pathsIn = () => namesIn(output).map((name) => join(output, name));

const isThere = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;
// A Python that is first on the PATH need not be the one that the packages belong to.
const python = ['/usr/bin/python3', 'python3'].find((one) => isThere(one, ['-c', 'import ipfix']));
const hasTshark = isThere('tshark', ['--version']);
const hasIpfixDump = isThere('ipfixDump', ['--version']);

const pythonReader = `
import sys, ipfix.ie, ipfix.reader
ipfix.ie.use_iana_default()
for path in sys.argv[1:]:
    with open(path, 'rb') as stream:
        for record in ipfix.reader.from_stream(stream).namedict_iterator():
            print(record['flowId'], record['octetDeltaCount'], record['sourceTransportPort'])
`;

async function saidBy(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, {
    env: { ...process.env, TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await exited) as [number | null];
  const complaints = stderr.replace(/^Running as user .*\n/, '');
  expect({ command, code, complaints }).toEqual({ command, code: 0, complaints: '' });
  return stdout;
}

const byNumber = (lines: readonly string[]): string[] =>
  lines.toSorted((a, b) => Number.parseInt(a) - Number.parseInt(b));

beforeAll(async () => {
  const flows = join(folder, 'flows.avro');
  await writeFlowFile({ seed, count, output: flows });
  const env = { COLLECTORS: `file:${join(output, 'flows.ipfix')}`, FILE_ROTATE_BYTES: '1MiB' };
  expect(await runCommand(['run', '--input', flows], { env })).toMatchObject({ code: 0 });
});
afterAll(() => {
  for (const each of [folder, output]) rmSync(each, { recursive: true });
});

describe('the files of 12,000 flows', () => {
  const events = generatedFlows(seed, count);
  const told = events.map(({ flowId, octets, sourcePort }) => `${flowId} ${octets} ${sourcePort}`);

  test.skipIf(!hasTshark)('are read by tshark: every field of every flow', async () => {
    const byId = new Map(events.map((event) => [String(event.flowId), event]));
    for (const path of pathsIn()) {
      const { records, complaints } = await readWithTshark(path, 4739);
      expect(complaints).toEqual([]);
      for (const record of records) {
        const id = record.get('cflow.flow_id') ?? 'none';
        expect(differences(byId.get(id)!, record)).toEqual([]);
        byId.delete(id);
      }
    }
    expect([...byId.keys()]).toEqual([]);
  });

  test.skipIf(!hasIpfixDump)('are read by ipfixDump, nothing left over', async () => {
    const dumps = await Promise.all(pathsIn().map((path) => saidBy('ipfixDump', ['--in', path])));
    const records = dumps.join('\n').split(/^--- data record \d+ ---$/m);
    const valueOf = (record: string, element: string): string =>
      new RegExp(`\\s${element} : (\\d+)$`, 'm').exec(record)?.[1] ?? 'none';
    const read = records
      .slice(1)
      .map((record) =>
        ['flowId', 'octetDeltaCount', 'sourceTransportPort']
          .map((element) => valueOf(record, element))
          .join(' '),
      );
    expect(byNumber(read)).toEqual(told.map((line) => line.replace(/null$/, 'none')));
  });

  test.skipIf(!python)('are read by python-ipfix', async () => {
    const read = await saidBy(python!, ['-c', pythonReader, ...pathsIn()]);
    expect(byNumber(read.trimEnd().split('\n'))).toEqual(told);
  });

  test('are read by collect --read', async () => {
    const { code, stdout } = await runCommand(['collect', '--read', ...pathsIn()], { env: {} });
    expect(code).toBe(0);
    const read = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .map(({ flowId, octetDeltaCount, sourceTransportPort }) =>
        [flowId, octetDeltaCount, sourceTransportPort].join(' '),
      );
    expect(byNumber(read)).toEqual(told);
  });
});

test('a file written by python-ipfix is read by collect --read', async () => {
  const file = join(import.meta.dirname, '..', 'vectors', 'python-ipfix.ipfix');
  const { code, stdout } = await runCommand(['collect', '--read', file], { env: {} });
  expect(code).toBe(0);
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(records).toHaveLength(120);
  expect(records[99]).toMatchObject({
    flowStartMilliseconds: '2026-07-01T12:00:00.349',
    flowEndMilliseconds: '2026-07-01T12:01:39.250',
    sourceIPv4Address: '192.0.2.100',
    sourceTransportPort: 1123,
    octetDeltaCount: 2 ** 40 + 99,
    applicationName: 'x',
    _: { observationDomainId: 7, templateId: 256 },
  });
  expect(records[119]).toMatchObject({
    flowId: 19,
    sourceIPv6Address: '2001:db8::14',
    destinationIPv6Address: '2001:db8::ffff',
    sourceMacAddress: '02:00:00:00:00:13',
  });
});

describe.skipIf(!hasTshark)('what collect --pcap captures', () => {
  test.each([
    ['127.0.0.1', 'udp4', 'ip.src'],
    ['[::1]', 'udp6', 'ipv6.src'],
  ] as const)('on %s is read by tshark, sender and all', async (host, type, source) => {
    const pcap = join(folder, `${type}.pcap`);
    const collector = spawn(
      process.execPath,
      ['src/main.ts', 'collect', '--listen', `${host}:0`, '--count', '6', '--pcap', pcap],
      { cwd: join(import.meta.dirname, '..', '..'), stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const exited = once(collector, 'exit');
    const [line] = (await once(collector.stderr.setEncoding('utf8'), 'data')) as [string];
    const to = Number(/:(\d+), receive buffer/.exec(line)?.[1]);
    const client = createSocket(type);
    for (const message of [appendixMessage, appendixMessage]) {
      client.send(message, to, host.replace(/[[\]]/g, ''));
    }
    expect(await exited).toEqual([0, null]);
    const { port } = client.address();
    client.close();
    const fields = [source, 'udp.srcport', 'udp.dstport', 'cflow.srcaddr', 'udp.checksum.status'];
    const shown = await saidBy('tshark', [
      ...['-r', pcap, '-d', `udp.port==${to},cflow`, '-o', 'udp.check_checksum:TRUE'],
      ...['-T', 'fields', '-E', 'separator=|'],
      ...fields.flatMap((field) => ['-e', field]),
    ]);
    const address = type === 'udp4' ? '127.0.0.1' : '::1';
    const packet = `${address}|${port}|${to}|192.0.2.12,192.0.2.27,192.0.2.56|1`;
    expect(shown.trimEnd().split('\n')).toEqual([packet, packet]);
  });
});
