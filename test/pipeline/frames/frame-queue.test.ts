// Frames first in, first out, and those of one Template beside each other where it is asked for.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elementByName } from '../../../src/ipfix/information-element.ts';
import { Frame } from '../../../src/pipeline/frames/frame.ts';
import { FrameQueue } from '../../../src/pipeline/frames/frame-queue.ts';
import { roomAlone } from '../../../src/pipeline/frames/frame-room.ts';

const templates = [256, 257, 258].map((id) => ({
  id,
  fields: [{ element: elementByName('flowId')!, length: 8 }],
}));
const frame = (i = 0) => new Frame(roomAlone(64), templates[i]!);

function queueOf(frames: readonly Frame[]): FrameQueue {
  const queue = new FrameQueue();
  for (const one of frames) queue.push(one);
  return queue;
}

function drained(queue: FrameQueue): Frame[] {
  const frames: Frame[] = [];
  for (let one = queue.shift(); one; one = queue.shift()) frames.push(one);
  expect([queue.size, queue.head]).toEqual([0, undefined]);
  return frames;
}

test('Frames leave in the order in which they came', () => {
  const frames = [frame(), frame(), frame()];
  const queue = queueOf(frames);
  expect(queue.size).toBe(3);
  expect(drained(queue)).toEqual(frames);
  queue.push(frames[1]!);
  expect(drained(queue)).toEqual([frames[1]]);
});

test('unshift puts one Frame before all others, also where there is no other', () => {
  const [first, second, third] = [frame(), frame(), frame()];
  const queue = new FrameQueue();
  queue.unshift(second);
  queue.push(third);
  queue.unshift(first);
  expect(queue.size).toBe(3);
  expect(drained(queue)).toEqual([first, second, third]);
});

test('prepend puts all of another queue before what is there, and empties it', () => {
  const frames = Array.from({ length: 5 }, () => frame());
  for (let others = 0; others <= 5; others += 1) {
    const from = queueOf(frames.slice(0, others));
    const queue = queueOf(frames.slice(others));
    queue.prepend(from);
    expect([from.size, from.head, queue.size]).toEqual([0, undefined, 5]);
    const last = frame();
    queue.push(last);
    expect(drained(queue)).toEqual([...frames, last]);
  }
});

test('a queue is mixed where its first and its last Frame have different Templates', () => {
  expect(new FrameQueue().isMixed).toBe(false);
  expect(queueOf([frame(0), frame(0)]).isMixed).toBe(false);
  expect(queueOf([frame(0), frame(1)]).isMixed).toBe(true);
});

test('takeByTemplate takes the first ones, of the first Template first, each Template in its order', () => {
  const taken = [0, 1, 0, 2, 1].map((i) => frame(i));
  const left = [frame(1), frame(0)];
  const from = queueOf([...taken, ...left]);
  const queue = queueOf([]);
  queue.takeByTemplate(from, 5);
  const [a, b, c, d, e] = taken;
  expect(drained(queue)).toEqual([a, c, b, e, d]);
  expect(drained(from)).toEqual(left);
});

test('takeByTemplate loses no Frame and changes no order within a Template, for any Frames', () => {
  const kinds = fc.array(fc.nat(2), { maxLength: 12 });
  fc.assert(
    fc.property(kinds, kinds, fc.nat(14), (ahead, others, most) => {
      const [first, rest] = [ahead.map((i) => frame(i)), others.map((i) => frame(i))];
      const [queue, from] = [queueOf(first), queueOf(rest)];
      queue.takeByTemplate(from, most);
      expect(queue.size).toBe(ahead.length + Math.min(most, others.length));
      const frames = drained(queue);
      expect(frames.slice(0, first.length)).toEqual(first);
      expect(drained(from)).toEqual(rest.slice(most));
      const moved = frames.slice(first.length);
      for (const template of templates) {
        const ofIt = (list: readonly Frame[]) => list.filter((one) => one.template === template);
        expect(ofIt(moved)).toEqual(ofIt(rest.slice(0, most)));
      }
    }),
  );
});
