// kafkajs, as an oracle: its own reading of batches gets the codecs that it lacks.

import { codecNames, decompress } from '../../../src/sources/records/codecs.ts';
import { GrowingOctets } from '../../../src/sources/records/growing-octets.ts';
import { kafkajsModule } from '../../../src/sources/kafkajs/kafkajs-inside.ts';

interface Codec {
  compress(encoder: object): Promise<Buffer>;
  decompress(packed: Buffer): Promise<Buffer>;
}

// What kafkajs calls CompressionCodecs; by the number in a batch's attributes.
const { Codecs: codecs } = kafkajsModule('src/protocol/message/compression/index.js') as {
  Codecs: Record<number, () => Codec>;
};
const own = { ...codecs };

/** For all of this process. */
export function registerCodecs(octetsMax: number): void {
  for (let number = 1; number < codecNames.length; number += 1) {
    codecs[number] = () => ({
      compress: (encoder) => own[number]!().compress(encoder),
      decompress: (packed) => {
        const into = new GrowingOctets(0);
        decompress(number, packed, into, octetsMax);
        return Promise.resolve(into.octets.subarray(0, into.length));
      },
    });
  }
}
