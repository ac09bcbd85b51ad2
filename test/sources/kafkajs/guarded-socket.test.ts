// Frames of an answer are followed through the stream, and one that no Kafka sends ends it.

import { expect, test } from 'vitest';
import { frameCheck } from '../../../src/sources/kafkajs/guarded-socket.ts';

test('frames are followed through a stream however it is cut', () => {
  const frames = [5, 4, 300].map((length) => {
    const frame = Buffer.alloc(4 + length, 0xff);
    frame.writeInt32BE(length, 0);
    return frame;
  });
  const stream = Buffer.concat([...frames, Buffer.from([0x7f, 0xff, 0xff, 0xff])]);
  for (let size = 1; size <= 40; size += 1) {
    const check = frameCheck();
    const faults: unknown[] = [];
    for (let at = 0; at < stream.length; at += size) {
      faults.push(check(stream.subarray(at, at + size)));
    }
    expect(faults.slice(0, -1).filter((fault) => fault !== undefined)).toEqual([]);
    expect(faults.at(-1)).toMatchObject({ code: 'NO_KAFKA' });
  }
});
