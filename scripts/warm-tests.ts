// Fetches and builds once what tests would fetch and build otherwise: Java's Avro, and the decoders in
// Go. Where something cannot be had, the tests that need it say so.
//   node scripts/warm-tests.ts

import { fetchAvroJava } from '../test/support/oracles/avro-java.ts';
import { goDecoderProgram, goDecoders } from '../test/interop/go-decoders.ts';

const warmed = [
  { name: "Java's Avro", warm: fetchAvroJava },
  ...goDecoders.map((decoder) => ({
    name: decoder.name,
    warm: () => goDecoderProgram(decoder),
  })),
];
for (const { name, warm } of warmed) {
  try {
    console.log(`${name}: ${await warm()}`);
  } catch (error) {
    console.log(`${name}: cannot be had: ${(error as Error).message}`);
  }
}
