// kafkajs's batches as Deliveries: an index over the octets they already lie in.

import type { KafkaMessage } from 'kafkajs';
import type { Delivery, Origin } from './delivery.ts';

/**
 * Cuts a batch into Deliveries of at most `eventsMax` events. Messages of one RecordBatch share their octets; a Delivery never
 * spans two buffers. `nextOffset` is the offset to read after the whole batch.
 */
export function* deliveriesOf(
  messages: readonly KafkaMessage[],
  origin: Origin,
  nextOffset: number,
  eventsMax: number,
): Generator<Delivery> {
  for (let first = 0; first < messages.length;) {
    const { after, octets } = run(messages, first, eventsMax);
    const count = after - first;
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    const offsets = new Float64Array(count);
    for (let i = 0; i < count; i += 1) {
      const { value, offset } = messages[first + i]!;
      starts[i] = value === null ? -1 : value.byteOffset;
      ends[i] = value === null ? -1 : value.byteOffset + value.byteLength;
      offsets[i] = Number(offset);
    }
    const next = after === messages.length ? nextOffset : Number(messages[after]!.offset);
    const bytes = octets ? Buffer.from(octets) : Buffer.alloc(0);
    yield { origin, bytes, count, starts, ends, offsets, nextOffset: next };
    first = after;
  }
}

function run(messages: readonly KafkaMessage[], first: number, eventsMax: number) {
  let octets: ArrayBuffer | undefined;
  let after = first;
  for (; after < messages.length && after - first < eventsMax; after += 1) {
    const value = messages[after]!.value;
    if (value === null) continue;
    octets ??= value.buffer as ArrayBuffer;
    if (value.buffer !== octets) break;
  }
  return { after, octets };
}
