import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import avro from 'avsc';
import { Command } from 'commander';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { registerGenerate } from '../../src/commands/generate.ts';
import { UsageError } from '../../src/commands/usage-error.ts';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { standardError } from '../../src/log/log.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'kafka2ipfix-generate-'));
const file = path.join(folder, 'flows.avro');
const stderr = vi.spyOn(standardError, 'write').mockReturnValue(undefined);
beforeEach(() => void stderr.mockClear());
afterAll(() => {
  stderr.mockRestore();
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]): Promise<void> {
  const program = new Command();
  registerGenerate(program, {});
  await program.parseAsync(['generate', ...args], { from: 'user' });
}

/** With avsc's own reader, so that ours and our writer cannot err together. */
async function readWithAvsc(name: string): Promise<{ events: unknown[]; schema: string }> {
  const decoder = avro.createFileDecoder(name);
  const events: unknown[] = [];
  let schema = '';
  decoder.on('metadata', (_type, _codec, header: { meta: Record<string, Buffer> }) => {
    schema = header.meta['avro.schema']!.toString();
  });
  for await (const event of decoder as AsyncIterable<object>) events.push({ ...event });
  return { events, schema };
}

function expected(count: number, seed: number, firstId: number): unknown[] {
  const generator = new FlowGenerator({ seed, firstId });
  return Array.from({ length: count }, () => generator.next());
}

describe('generate', () => {
  it.each(['null', 'deflate'])('writes a file that others read, codec %s', async (codec) => {
    await run(
      '--output',
      file,
      '--count',
      '1234',
      '--seed',
      '9',
      '--first-id',
      '50',
      '--codec',
      codec,
    );
    const { events, schema } = await readWithAvsc(file);
    expect(events).toEqual(expected(1234, 9, 50));
    expect(schema).toBe(readFileSync('schemas/flow-event.avsc', 'utf8'));
    expect(stderr.mock.lastCall?.[0]).toMatch(
      /^generated 1,234 events to .*flows\.avro in \d+\.\d s \([\d,]+\/s\)\n$/,
    );
  });

  it('writes the same octets for the same seed', async () => {
    await run('--output', file, '--count', '700');
    const first = readFileSync(file);
    await run('--output', file, '--count', '700');
    expect(readFileSync(file).equals(first)).toBe(true);
    await run('--output', file, '--count', '700', '--seed', '2');
    expect(readFileSync(file).equals(first)).toBe(false);
  });

  it('names --output if the file cannot be opened: a usage error', async () => {
    const fault = await run('--output', path.join(folder, 'none', 'x.avro'), '--count', '1').catch(
      (error: unknown) => error,
    );
    expect(fault).toBeInstanceOf(UsageError);
    expect(String(fault)).toMatch(/--output: ENOENT.*: name a file that can be written$/);
  });

  it('keeps to the rate', async () => {
    const { seconds } = await writeFlowFile({
      output: file,
      count: 1_000,
      seed: 1,
      ratePerSecond: 2_000,
    });
    expect(seconds).toBeGreaterThan(0.48);
    expect(seconds).toBeLessThan(0.9);
  });

  it('makes no more events than a slow stream takes, and leaves the stream open', async () => {
    let made = 0;
    let written = 0;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const output = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => {
        written += chunk.length;
        void promise.then(() => done());
      },
    });
    const options = { output, count: 20_000, seed: 1 };
    const run = writeFlowFile({ ...options, onProgress: (events) => (made = events) });
    await sleep(50);
    expect(made).toBeLessThan(5_000);
    resolve(undefined);
    await run;
    expect(made).toBe(20_000);
    expect(written).toBeGreaterThan(1_000_000);
    expect(output.writableEnded).toBe(false);
  });

  it.each([
    [[], 'no destination; give --output <file> or --topic <name>'],
    [['--output', 'f', '--topic', 't'], '--output and --topic cannot be used together'],
    [['--topic', 't'], '--brokers: --topic needs it; give host:port or set KAFKA_BROKERS'],
    [['--topic', 't', '--brokers', 'kafka'], '--brokers: kafka names no host:port in "kafka"'],
    [['--topic', 't', '--codec', 'null'], '--codec: it has no effect with --topic'],
    [['--output', 'f', '--partitions', '2'], '--partitions: it has no effect with --output'],
    [['--count', '0'], '--count: 0 is out of range; 1 to'],
    [['--rate', 'fast'], '--rate: fast is not a number from 0.001 to 1000000000'],
    [['--codec', 'snappy'], '--codec: snappy is not supported; write null or deflate'],
  ])('refuses %j and says why', async (args, message) => {
    const refusal: unknown = await run(...args).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'CLI_USAGE' });
    expect((refusal as Error).message).toContain(message);
  });
});
