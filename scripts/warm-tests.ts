// Fetches and builds once what tests would fetch and build otherwise: Kafka, Java's Avro, and the decoders
// in Go. Where something is not available, the tests that need it say so.
//   node scripts/warm-tests.ts

import { homedir } from 'node:os';
import { join } from 'node:path';
import { kafkaJars } from '../demo/broker/kafka-jars.ts';
import { archiveClasses } from '../demo/broker/kafka-jvm.ts';
import { fetchAvroJava } from '../test/support/oracles/avro-java.ts';
import { goDecoderProgram, goDecoders } from '../test/interop/go-decoders.ts';

const warmed = [
  { name: 'Apache Kafka', warm: warmKafka },
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
    console.log(`${name}: not available: ${(error as Error).message}`);
  }
}

async function warmKafka(): Promise<string> {
  const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
  await archiveClasses(jars);
  return jars;
}
