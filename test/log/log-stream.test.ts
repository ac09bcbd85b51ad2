// The log's buffer: what finds room, what is dropped, and what is said of it.

import { describe, expect, test } from 'vitest';
import { LogRoom, LogStream, type OctetStream } from '../../src/log/log-stream.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** A pipe that its reader looks at when the test says so. */
class HeldPipe implements OctetStream {
  readonly texts: string[] = [];
  isHeld = true;
  fault: Error | undefined;
  #release: () => void = () => undefined;

  write(octets: Buffer): Promise<void> | undefined {
    if (this.fault) throw this.fault;
    this.texts.push(octets.toString());
    if (!this.isHeld) return undefined;
    return new Promise((resolve) => (this.#release = resolve));
  }

  flow(): void {
    this.isHeld = false;
    this.#release();
  }

  get lines(): string[] {
    return this.texts.join('').split('\n').slice(0, -1);
  }
}

function held(): { pipe: HeldPipe; stream: LogStream } {
  const pipe = new HeldPipe();
  return { pipe, stream: new LogStream(pipe) };
}

const line = (name: string, chars: number): string => `${name} `.padEnd(chars - 1, '.') + '\n';

describe('the lines of a log', () => {
  test('are written before the call returns, while the reader reads', () => {
    const { pipe, stream } = held();
    pipe.flow();
    stream.write('one\n');
    stream.write('two\n');
    expect(pipe.texts).toEqual(['one\n', 'two\n']);
    expect(stream.room.held).toBe(0);
  });

  test('wait in their order while nobody reads, and each is counted that finds no room', async () => {
    const { pipe, stream } = held();
    for (let i = 0; i < 3_000; i += 1) stream.write(line(String(i), 512));
    expect(stream.room).toMatchObject({ held: 2 ** 20, dropped: 3_000 - 2_048 });
    pipe.flow();
    await stream.end();
    const { lines } = pipe;
    const numbers = lines.slice(0, 2_048).map((text) => Number.parseInt(text, 10));
    expect(numbers).toEqual(Array.from({ length: 2_048 }, (_, i) => i));
    expect(lines.slice(2_048)).toEqual([
      '952 log lines were dropped: nobody read the log fast enough, or it could not be written',
    ]);
    expect(stream.room.held).toBe(0);
  });

  test('of level debug leave half of the room to the others', () => {
    const { stream } = held();
    for (let i = 0; i < 2_000; i += 1) stream.write(line('debug', 512), 20);
    expect(stream.room).toMatchObject({ held: 2 ** 19, dropped: 2_000 - 1_024 });
    stream.write('a warning\n', 40);
    expect(stream.room.dropped).toBe(2_000 - 1_024);
  });

  test('that were dropped are logged once, however long the stream flows', async () => {
    const { pipe, stream } = held();
    for (let i = 0; i < 2_049; i += 1) stream.write(line(String(i), 512));
    pipe.flow();
    await stream.end();
    stream.write('later\n');
    await turn();
    expect(pipe.lines.filter((text) => text.includes('dropped'))).toEqual([
      '1 log line was dropped: nobody read the log fast enough, or it could not be written',
    ]);
    expect(pipe.lines.at(-1)).toBe('later');
  });

  test('longer than all the room still go where nothing else waits', () => {
    const { pipe, stream } = held();
    pipe.flow();
    stream.write(line('long', 2 ** 21));
    expect(pipe.texts[0]).toHaveLength(2 ** 21);
  });

  test('share their room with those of other threads', () => {
    const { stream } = held();
    const elsewhere = new LogRoom(stream.room.shared);
    expect(elsewhere.take(2 ** 20, 30)).toBe(true);
    stream.write('no room\n');
    expect(elsewhere.dropped).toBe(1);
  });

  test('are dropped and counted without a word once their reader has left', async () => {
    const { pipe, stream } = held();
    pipe.fault = failure('EPIPE');
    stream.write('one\n');
    pipe.fault = undefined;
    stream.write('two\n');
    await stream.end();
    expect(pipe.texts).toEqual([]);
    expect(stream.room).toMatchObject({ held: 0, dropped: 2 });
  });

  test('are written again after a disk was full, which is then said', async () => {
    const { pipe, stream } = held();
    pipe.isHeld = false;
    pipe.fault = failure('ENOSPC');
    stream.write('one\n');
    pipe.fault = undefined;
    stream.write('two\n');
    await stream.end();
    expect(pipe.lines).toEqual([
      'two',
      '1 log line was dropped: nobody read the log fast enough, or it could not be written',
    ]);
  });
});

test('the end of a log waits for its reader, but not for long', async () => {
  const { pipe, stream } = held();
  stream.write('one\n');
  const startMs = performance.now();
  await stream.end(50);
  expect(performance.now() - startMs).toBeLessThan(10_000);
  expect(stream.room.held).toBe(4);
  const ended = stream.end(60_000);
  pipe.flow();
  await ended;
  expect(stream.room.held).toBe(0);
});
