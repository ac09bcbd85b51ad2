import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32, deflateRawSync, zstdCompressSync } from 'node:zlib';
import avro from 'avsc';
import { compressSync } from 'snappy';
import { ignoreElements, lastValueFrom, take, tap, toArray } from 'rxjs';
import { afterAll, describe, expect, it } from 'vitest';

import { flowEventSchema, flowEventType } from '../../../src/generator/flow-event.ts';
import { writeFlowFile } from '../../../src/generator/flow-file.ts';
import { FlowGenerator } from '../../../src/generator/flow-generator.ts';
import type { Delivery } from '../../../src/sources/delivery.ts';
import { openAvroFile, readAvroFile } from '../../../src/sources/file/avro-file.ts';
import type { AvroContainerError } from '../../../src/sources/file/octet-reader.ts';
import { RecordingIntake } from './recording-intake.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'kafka2ipfix-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

function inFolder(name: string): string {
  return path.join(folder, name);
}

async function flowFile(name: string, count: number, codec: 'null' | 'deflate' = 'null') {
  await writeFlowFile({ output: inFolder(name), count, seed: 3, codec });
  return inFolder(name);
}

function expectedEvents(count: number): unknown[] {
  const generator = new FlowGenerator({ seed: 3 });
  return Array.from({ length: count }, () => generator.next());
}

function decode(deliveries: readonly Delivery[]): unknown[] {
  return deliveries.flatMap(({ bytes, count, starts, ends }) =>
    Array.from({ length: count }, (_, i) => ({
      ...(flowEventType.fromBuffer(bytes.subarray(starts[i], ends[i])) as object),
    })),
  );
}

async function readAll(file: string, eventsMax?: number): Promise<Delivery[]> {
  const opened = await openAvroFile(file);
  const options = eventsMax === undefined ? {} : { eventsMax };
  return lastValueFrom(opened.deliveries(new RecordingIntake(), options).pipe(toArray()));
}

describe('openAvroFile', () => {
  it.each(['null', 'deflate'] as const)('delivers what was written, codec %s', async (codec) => {
    const file = await flowFile(`${codec}.avro`, 2_345, codec);
    const opened = await openAvroFile(file);
    expect(opened.writerSchema).toEqual({
      name: file,
      json: JSON.parse(flowEventSchema) as unknown,
    });
    expect(opened.codec).toBe(codec);
    const intake = new RecordingIntake();
    const deliveries = await lastValueFrom(opened.deliveries(intake).pipe(toArray()));

    expect(decode(deliveries)).toEqual(expectedEvents(2_345));
    expect(deliveries.flatMap(({ offsets }) => [...offsets])).toEqual(
      Array.from({ length: 2_345 }, (_, i) => i),
    );
    expect(deliveries.at(-1)?.nextOffset).toBe(2_345);
    expect(deliveries[0]?.origin).toEqual({ topic: file, partition: 0, generation: 0 });
    expect(intake.tracked).toEqual(deliveries);
  });

  it('cuts the blocks of another writer into Deliveries of at most 1,000 events', async () => {
    const encoder = new avro.streams.BlockEncoder(flowEventType, { blockSize: 1 << 20 });
    const chunks = encoder[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (const event of expectedEvents(2_500)) encoder.write(event);
    encoder.end();
    const stream = Readable.from({ [Symbol.asyncIterator]: () => chunks });
    const opened = await readAvroFile(stream, 'other');
    const deliveries = await lastValueFrom(
      opened.deliveries(new RecordingIntake()).pipe(toArray()),
    );
    expect(deliveries.map(({ count }) => count)).toEqual([1000, 1000, 500]);
    expect(decode(deliveries)).toEqual(expectedEvents(2_500));
  });

  it('reads a file that comes octet by octet', async () => {
    const file = await flowFile('slow.avro', 20);
    const octets = [...readFileSync(file)].map((octet) => Buffer.from([octet]));
    const opened = await readAvroFile(Readable.from(octets), 'slow');
    const deliveries = await lastValueFrom(
      opened.deliveries(new RecordingIntake()).pipe(toArray()),
    );
    expect(decode(deliveries)).toEqual(expectedEvents(20));
  });

  it('completes after the events asked for', async () => {
    const file = await flowFile('max.avro', 2_000);
    expect(decode(await readAll(file, 777))).toEqual(expectedEvents(777));
  });

  it('tells path and block of a file that ends too early', async () => {
    const file = await flowFile('truncated.avro', 1_500);
    const octets = readFileSync(file);
    const marker = octets.subarray(-16);
    const second = octets.indexOf(marker, octets.indexOf(marker, octets.indexOf(marker) + 1) + 1);
    const octet = second + 16;
    writeFileSync(file, octets.subarray(0, octets.length - 20));
    await expect(readAll(file)).rejects.toMatchObject({
      code: 'AVRO_CONTAINER',
      block: 3,
      path: file,
      octet,
      message: `in ${file}: in block 3, which begins at octet ${octet}: the file ends in the middle of it`,
    });
  });

  it('tells path and block of a sync marker that is not the header’s', async () => {
    const file = await flowFile('sync.avro', 1_000);
    const octets = readFileSync(file);
    octets.writeUInt8(octets.at(-1)! ^ 0xff, octets.length - 1);
    writeFileSync(file, octets);
    await expect(readAll(file)).rejects.toThrow(
      `in ${file}: in block 2, which begins at octet 54991: the sync marker`,
    );
  });

  it('refuses a block whose octets are not events, before handing on any of it', async () => {
    const file = await flowFile('broken.avro', 500);
    const octets = readFileSync(file);
    octets.fill(0xff, octets.length - 300, octets.length - 16);
    writeFileSync(file, octets);
    await expect(readAll(file)).rejects.toMatchObject({ code: 'AVRO_CONTAINER', block: 1 });
  });

  it('names a codec that it cannot read, and those it can', async () => {
    const file = await flowFile('codec.avro', 10);
    const text = readFileSync(file, 'latin1').replace('avro.codec\x08null', 'avro.codec\x04xz');
    writeFileSync(file, text, 'latin1');
    await expect(openAvroFile(file)).rejects.toMatchObject({
      code: 'AVRO_CONTAINER',
      message:
        `in ${file}: in the header: the codec is xz; null, deflate, snappy, zstandard are ` +
        'supported: write the file again with one of these',
    });
  });

  it('says of something else that it is not a container file', async () => {
    writeFileSync(inFolder('other.txt'), 'plain words');
    await expect(openAvroFile(inFolder('other.txt'))).rejects.toThrow('not an Avro container file');
    writeFileSync(inFolder('empty.avro'), '');
    await expect(openAvroFile(inFolder('empty.avro'))).rejects.toThrow('the file is empty');
    writeFileSync(inFolder('head.avro'), readFileSync(await flowFile('h.avro', 1)).subarray(0, 99));
    await expect(openAvroFile(inFolder('head.avro'))).rejects.toThrow(
      'in the header: the file ends in the middle of it',
    );
    await expect(openAvroFile(inFolder('missing'))).rejects.toThrow('cannot be read: ENOENT');
  });

  it.each([
    ['snappy', snappyBlock],
    ['zstandard', zstdCompressSync],
  ])('unpacks %s', async (codec, pack) => {
    const data = Buffer.from('020406', 'hex');
    const file = small({ codec, blocks: [pack(data)] });
    expect((await readAvroFile(Readable.from([file]), 'small')).codec).toBe(codec);
    expect(await numbersIn(file)).toEqual([1, 2, 3]);
  });

  it('waits for room before each Delivery', async () => {
    const opened = await openAvroFile(await flowFile('room.avro', 1_500));
    const intake = new RecordingIntake();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    intake.gate = promise;
    const all = lastValueFrom(opened.deliveries(intake).pipe(toArray()));
    await sleep(30);
    expect(intake.tracked).toHaveLength(0);
    expect(intake.waits).toBe(1);
    intake.gate = undefined;
    resolve(undefined);
    expect(await all).toHaveLength(3);
    expect(intake.waits).toBe(3);
  });

  it('stops reading and closes the file when unsubscribed', async () => {
    const octets = readFileSync(await flowFile('stop.avro', 5_000));
    let handedOut = 0;
    async function* chunks(): AsyncGenerator<Buffer> {
      for (let at = 0; at < octets.length; at += 1024) {
        await sleep(0);
        handedOut = at;
        yield octets.subarray(at, at + 1024);
      }
    }
    const stream = Readable.from(chunks(), { objectMode: false, highWaterMark: 1024 });
    const opened = await readAvroFile(stream, 'stop');
    const intake = new RecordingIntake();
    await lastValueFrom(opened.deliveries(intake).pipe(take(1)));
    expect(stream.destroyed).toBe(true);
    await sleep(30);
    expect(intake.tracked).toHaveLength(1);
    expect(handedOut).toBeLessThan(octets.length / 2);
  });

  it('hands on nothing when unsubscribed while it waits for room', async () => {
    const opened = await openAvroFile(await flowFile('wait.avro', 10));
    const intake = new RecordingIntake();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    intake.gate = promise;
    const subscription = opened.deliveries(intake).subscribe();
    await sleep(20);
    subscription.unsubscribe();
    resolve(undefined);
    await sleep(0);
    expect(intake.tracked).toHaveLength(0);
  });
});

describe('containers one after the other', () => {
  it('are read on, each by its own schema, codec and sync marker', async () => {
    const a = small({ blocks: [Buffer.from('020406', 'hex')] });
    const b = small({
      type: 'long',
      sync: 0x77,
      codec: 'deflate',
      blocks: [deflateRawSync(Buffer.of(8))],
    });
    const opened = await readAvroFile(Readable.from([Buffer.concat([a, b, a])]), 'both');
    const deliveries = await lastValueFrom(
      opened.deliveries(new RecordingIntake()).pipe(toArray()),
    );
    expect(
      deliveries.map(({ schemas: [schema] }) => (schema?.json as FlowSchema).fields[0]?.type),
    ).toEqual(['int', 'long', 'int']);
    // A schema that comes again is the same one: what is made of it is kept by its identity.
    expect(deliveries[2]?.schemas[0]).toBe(deliveries[0]?.schemas[0]);
    expect(deliveries.map(({ offsets }) => [...offsets])).toEqual([[0, 1, 2], [3], [4, 5, 6]]);
  });

  it('may be without events', async () => {
    const a = small({ blocks: [] });
    const b = small({ blocks: [Buffer.from('020406', 'hex')] });
    expect(await numbersIn(Buffer.concat([a, a, b, a]))).toEqual([1, 2, 3]);
  });
});

describe('a damaged place', () => {
  const first = Buffer.from('020406', 'hex');
  const second = Buffer.from('08', 'hex');
  const third = Buffer.from('0a0c', 'hex');
  const whole = small({ blocks: [first, second, third] });
  const blockOctets = (data: Buffer) => 2 + data.length + 16;
  const headOctets = small({ blocks: [] }).length;
  const secondAt = headOctets + blockOctets(first);
  const changed = (at: number, to: number): Buffer => {
    const octets = Buffer.from(whole);
    octets.writeUInt8(to, at);
    return octets;
  };

  it.each([
    [
      'a count of too few events',
      changed(secondAt, 0x00),
      '1 octets are left after its last event',
    ],
    ['a count below 0', changed(secondAt, 0x01), 'a count of -1 events'],
    ['a size beyond the file', changed(secondAt + 1, 0x7e), 'the file ends in the middle of it'],
    ['a size below 0', changed(secondAt + 1, 0x01), 'a size of -1 octets'],
    [
      'an event that is none',
      changed(secondAt + 2, 0x80),
      'event 1 does not fit the writer schema',
    ],
  ])(
    'by %s: what lies before it leaves, the error says where it is',
    async (_, octets, problem) => {
      const { numbers, error } = await readTo(octets);
      expect(numbers).toEqual([1, 2, 3]);
      expect(error).toMatchObject({ code: 'AVRO_CONTAINER', block: 2, octet: secondAt });
      expect((error as Error).message).toContain(
        `in small: in block 2, which begins at octet ${secondAt}: ${problem}`,
      );
      // Where the operator chose so, what lies behind it leaves as well.
      const damages: AvroContainerError[] = [];
      expect(await numbersIn(octets, (damage) => damages.push(damage))).toEqual([1, 2, 3, 5, 6]);
      expect(damages.map(({ octet }) => octet)).toEqual([secondAt]);
    },
  );

  it('in the packed octets of a block is one too', async () => {
    const packed = small({
      codec: 'deflate',
      blocks: [deflateRawSync(first), Buffer.of(0xff), deflateRawSync(third)],
    });
    const { numbers, error } = await readTo(packed);
    expect(numbers).toEqual([1, 2, 3]);
    expect((error as Error).message).toMatch(/in block 2, .*: deflate cannot unpack it: /);
    expect(await numbersIn(packed, () => undefined)).toEqual([1, 2, 3, 5, 6]);
  });

  it('between two containers is passed over to the next header', async () => {
    const octets = Buffer.concat([whole.subarray(0, -5), whole]);
    const { numbers } = await readTo(octets);
    expect(numbers).toEqual([1, 2, 3, 4]);
    expect(await numbersIn(octets, () => undefined)).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 5, 6]);
  });

  it('is passed over however the octets come', async () => {
    const octets = changed(secondAt, 0x01);
    for (const size of [1, 2, 7, 16, 17]) {
      const chunks = Array.from({ length: Math.ceil(octets.length / size) }, (_, i) =>
        octets.subarray(i * size, (i + 1) * size),
      );
      const opened = await readAvroFile(Readable.from(chunks), 'small');
      const passOver = () => undefined;
      const found = opened.deliveries(new RecordingIntake(), { passOver }).pipe(toArray());
      expect(numbersOf(await lastValueFrom(found))).toEqual([1, 2, 3, 5, 6]);
    }
  });

  it('at every octet leaves what lies before it, and ends', async () => {
    for (let at = headOctets; at < whole.length; at += 1) {
      const { numbers } = await readTo(changed(at, whole[at]! ^ 0x55));
      const before = at < secondAt ? 0 : at < secondAt + blockOctets(second) ? 3 : 4;
      expect(numbers.slice(0, before)).toEqual([1, 2, 3, 4].slice(0, before));
      const cut = await readTo(whole.subarray(0, at));
      expect(cut.numbers).toEqual([1, 2, 3, 4].slice(0, before));
      expect(cut.error === undefined).toBe(
        at === headOctets || at === secondAt || at === secondAt + blockOctets(second),
      );
    }
  });
});

interface FlowSchema {
  readonly fields: readonly { readonly type: string }[];
}

interface SmallFile {
  readonly type?: string;
  readonly codec?: string;
  readonly sync?: number;
  /** As they are stored; a block has as many events as its number says: 3, 1, 2. */
  readonly blocks: readonly Buffer[];
}

/** A container of small numbers, each in one octet. */
function small({ type = 'int', codec = 'null', sync = 0x5a, blocks }: SmallFile): Buffer {
  const marker = Buffer.alloc(16, sync);
  const sized = (octets: Buffer | string) => {
    const bytes = Buffer.from(octets as string);
    return Buffer.concat([zigzag(bytes.length), bytes]);
  };
  const schema = JSON.stringify({ type: 'record', name: 'E', fields: [{ name: 'n', type }] });
  const counts = type === 'int' ? [3, 1, 2] : [1];
  return Buffer.concat([
    ...[Buffer.from('Obj\x01', 'latin1'), zigzag(2), sized('avro.schema'), sized(schema)],
    ...[sized('avro.codec'), sized(codec), zigzag(0), marker],
    ...blocks.flatMap((data, i) => [zigzag(counts[i]!), sized(data), marker]),
  ]);
}

// long => zigzag number in groups of 7 bits, low ones first
function zigzag(value: number): Buffer {
  const octets: number[] = [];
  let rest = value * 2;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) octets.push((rest & 0x7f) | 0x80);
  return Buffer.from([...octets, rest]);
}

// snappy => Snappy's block, CRC-32 (big-endian) of what comes out
function snappyBlock(octets: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(octets));
  return Buffer.concat([compressSync(octets), sum]);
}

const numbersOf = (deliveries: readonly Delivery[]): number[] =>
  deliveries.flatMap(({ bytes, starts }) => Array.from(starts, (start) => bytes[start]! / 2));

async function numbersIn(
  octets: Buffer,
  passOver?: (damage: AvroContainerError) => void,
): Promise<number[]> {
  const opened = await readAvroFile(Readable.from([octets]), 'small');
  const options = passOver ? { passOver } : {};
  return numbersOf(
    await lastValueFrom(opened.deliveries(new RecordingIntake(), options).pipe(toArray())),
  );
}

/** What is delivered until the end or the first damaged place. */
async function readTo(octets: Buffer): Promise<{ numbers: number[]; error: unknown }> {
  const opened = await readAvroFile(Readable.from([octets]), 'small');
  const deliveries: Delivery[] = [];
  const error: unknown = await lastValueFrom(
    opened.deliveries(new RecordingIntake()).pipe(
      tap((delivery) => deliveries.push(delivery)),
      ignoreElements(),
    ),
    { defaultValue: undefined },
  ).catch((thrown: unknown) => thrown);
  return { numbers: numbersOf(deliveries), error };
}
