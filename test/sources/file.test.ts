import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import avro from 'avsc';
import { lastValueFrom, take, toArray } from 'rxjs';
import { afterAll, describe, expect, it } from 'vitest';

import { flowEventSchema, flowEventType } from '../../src/generator/flow-event.ts';
import { writeFlowFile } from '../../src/generator/flow-file.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import type { Delivery } from '../../src/sources/delivery.ts';
import { openAvroFile, readAvroFile } from '../../src/sources/file.ts';
import { RecordingIntake } from '../support/recording-intake.ts';

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
    writeFileSync(file, octets.subarray(0, octets.length - 20));
    await expect(readAll(file)).rejects.toMatchObject({
      code: 'AVRO_CONTAINER',
      block: 3,
      path: file,
      message: `in ${file}: in block 3: the file ends in the middle of it`,
    });
  });

  it('tells path and block of a sync marker that is not the header’s', async () => {
    const file = await flowFile('sync.avro', 1_000);
    const octets = readFileSync(file);
    octets.writeUInt8(octets.at(-1)! ^ 0xff, octets.length - 1);
    writeFileSync(file, octets);
    await expect(readAll(file)).rejects.toThrow(`in ${file}: in block 2: the sync marker`);
  });

  it('refuses a block whose octets are no events, before handing on any of it', async () => {
    const file = await flowFile('broken.avro', 500);
    const octets = readFileSync(file);
    octets.fill(0xff, octets.length - 300, octets.length - 16);
    writeFileSync(file, octets);
    await expect(readAll(file)).rejects.toMatchObject({ code: 'AVRO_CONTAINER', block: 1 });
  });

  it('names a codec that it cannot read, and those it can', async () => {
    const file = await flowFile('codec.avro', 10);
    const text = readFileSync(file, 'latin1').replace('avro.codec\x08null', 'avro.codec\x08zstd');
    writeFileSync(file, text, 'latin1');
    await expect(openAvroFile(file)).rejects.toMatchObject({
      code: 'AVRO_CODEC',
      message: `in ${file}: the codec is zstd; null and deflate can be read`,
    });
  });

  it('says of something else that it is no container file', async () => {
    writeFileSync(inFolder('other.txt'), 'plain words');
    await expect(openAvroFile(inFolder('other.txt'))).rejects.toThrow('no Avro container file');
    await expect(openAvroFile(inFolder('missing'))).rejects.toThrow('cannot be read: ENOENT');
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
