import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elementByName } from '../../../src/ipfix/information-element.ts';
import { Frame } from '../../../src/pipeline/frames/frame.ts';
import { roomAlone } from '../../../src/pipeline/frames/frame-room.ts';
import { FrameOrder } from '../../../src/pipeline/frames/frame-order.ts';

const template = { id: 256, fields: [{ element: elementByName('flowId')!, length: 8 }] };

const inOrder = (order: FrameOrder): Frame[] => {
  const found: Frame[] = [];
  for (let frame = order.oldest; frame; frame = frame.younger) found.push(frame);
  return found;
};

test('Frames keep the order in which they were added, whichever of them are taken out', () => {
  const frames = Array.from({ length: 6 }, () => new Frame(roomAlone(64), template));
  const steps = fc.array(fc.record({ which: fc.nat(5), adds: fc.boolean() }));
  fc.assert(
    fc.property(steps, (taken) => {
      const order = new FrameOrder();
      const expected = new Set<Frame>();
      for (const frame of frames) order.remove(frame);
      for (const { which, adds } of taken) {
        const frame = frames[which]!;
        order.remove(frame);
        expected.delete(frame);
        if (adds) {
          order.add(frame);
          expected.add(frame);
        }
        expect([inOrder(order), order.size]).toEqual([[...expected], expected.size]);
      }
      for (const frame of expected) order.remove(frame);
      expect([order.oldest, order.size]).toEqual([undefined, 0]);
    }),
  );
});
