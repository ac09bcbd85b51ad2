// The default contract as the stage sends it under each COLLECTOR_PROFILE, read by the programs that the
// profile is for: every field of every record as our own decoder reads it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { type DecodedRecord, Decoder } from '../../src/ipfix/decoder.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { describeWithPrograms } from '../support/processes/tools.ts';
import { filebeat, type GoDecoder, goIpfix, goTexts, readWithGo, vflow } from './go-decoders.ts';

const count = 400;
const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-profile-'));
const file = join(folder, 'flows.avro');
beforeAll(() => writeFlowFile({ seed: 21, count, output: file }));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the stage sends of the file. */
async function sentUnder(profile: string): Promise<Buffer[]> {
  const recorder = await Recorder.listen();
  onTestFinished(() => recorder.close());
  const { code, stderr } = await runCommand(['run', '--input', file], {
    env: { COLLECTORS: recorder.collector, COLLECTOR_PROFILE: profile, EXPORT_RATE_LIMIT: '20000' },
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  await recorder.close();
  return recorder.datagrams.map(({ octets }) => octets);
}

function recordsIn(messages: readonly Buffer[]): DecodedRecord[] {
  const decoder = new Decoder();
  const source = 'stage';
  return messages.flatMap((octets) => decoder.decode(octets, source).records);
}

const ownText = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);

const readers: readonly (readonly [GoDecoder, profile: string])[] = [
  [goIpfix, 'go-ipfix'],
  [vflow, 'fixed-length'],
  [filebeat, 'generic'],
];

describe.each(readers)('$name', (decoder, profile) => {
  describeWithPrograms(`reads ${profile}`, ['go'], () => {
    test('every field of every record', async () => {
      const messages = await sentUnder(profile);
      const sent = recordsIn(messages);
      expect(sent).toHaveLength(count);
      const { records, code, complaints } = await readWithGo(decoder, messages);
      expect({ code, complaints: complaints.slice(-5) }).toMatchObject({ code: 0 });
      expect(records).toHaveLength(count);
      for (const [i, { values }] of sent.entries()) {
        const shown = goTexts(records[i]!);
        const found = values.map(({ element, value }, index) => {
          return [element.name, shown({ element, value, length: 0 }, index)];
        });
        const wanted = values.map(({ element, value }) => [element.name, ownText(value)]);
        expect(found).toEqual(wanted);
      }
    });
  });
});

describeWithPrograms('without its profile go-ipfix', ['go'], () => {
  test('does not read the default contract, so that the profile is needed', async () => {
    const messages = (await sentUnder('generic')).slice(0, 8);
    const { records, code } = await readWithGo(goIpfix, messages);
    const flags = recordsIn(messages).map(({ values }) =>
      ownText(values.find(({ element }) => element.name === 'tcpControlBits')?.value),
    );
    const read = records.map((record) => record['tcpControlBits']);
    expect(code !== 0 || JSON.stringify(read) !== JSON.stringify(flags)).toBe(true);
  });
});
