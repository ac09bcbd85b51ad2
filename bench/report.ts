// docs/performance.md, as the measurement wrote it.

import type { Comparison } from './comparison.ts';
import type { Row } from './rounds.ts';

export interface Circumstances {
  readonly commit: string;
  readonly clean: boolean;
  readonly node: string;
  readonly cpu: string;
  readonly kernel: string;
  readonly kafka: string;
  readonly records: number;
  readonly seconds: number;
}

const figure = (value: number): string => value.toLocaleString('en-US');

const table = (first: string, rows: readonly Row[]): string =>
  [
    `| ${first} | ns of CPU a record, median | least | most | records a second | rounds |`,
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map(
      (row) =>
        `| ${row.name} | ${figure(row.nsCpuPerRecord)} | ${figure(row.nsCpuPerRecordMin)} | ` +
        `${figure(row.nsCpuPerRecordMax)} | ${figure(row.recordsPerSecond)} | ${row.rounds} |`,
    ),
  ].join('\n');

export function performancePage(result: Comparison, where: Circumstances): string {
  const { ratios } = result;
  return `# Performance

Written by \`npm run bench\`; do not edit. Times are this machine's; the ratios are what to compare.

![CPU time per record of each contestant](performance.svg)

| this stage's CPU per record over that of | ratio |
| --- | ---: |
| librdkafka in C, doing nothing | ${ratios.ofLibrdkafkaIdle} |
| kafkajs, doing nothing | ${ratios.ofKafkajsIdle} |
| the obvious bridge (kafkajs, avsc, \`node:dgram\`) | ${ratios.ofObviousBridge} |
| with \`UDP_SENDER=dgram\`: librdkafka in C, doing nothing | ${ratios.dgramOfLibrdkafkaIdle} |

## All on one topic

${figure(where.records)} flows of nine fields over IPv4 (about 40 octets of Avro behind a schema id, 45 octets in a Data Record,
Messages of 1,460 octets), four partitions, RecordBatches of 1,000, no compression. Each contestant is one process; its CPU, kernel time
included, is taken between its first record and its last. They take turns, round by round. This stage has everything on that it promises by:
what was sent is kept until it is confirmed, offsets are committed after that. Each
record that was sent is read by a receiver in C that shares nothing with the encoder: all came once, no Sequence Number was missed, and
their octets add up to what was produced. It looks a thousand times a second, so that no sender pays for waking it. All fetch alike (\`bench/equal-settings.ts\`); kafkajs's own path checks no CRC, the others do.

${table('contestant', result.rows)}
${result.codecs.length > 0 ? `\n## Codecs\n\n${table('codec', result.codecs)}\n` : ''}${
    result.batchSizes.length > 0
      ? `\n## Records in a Kafka RecordBatch\n\n${table('records', result.batchSizes)}\n`
      : ''
  }${
    result.layouts.length > 0
      ? `\n## Templates, and a variable length\n\nThis stage alone.\n\n${table('events', result.layouts)}\n`
      : ''
  }
## Where

${where.cpu}, Linux ${where.kernel}, Node.js ${where.node}, Kafka (${where.kafka}), all on the same cores; commit ${where.commit}${where.clean ? '' : ' with changes'}; ${where.seconds} s in all.
`;
}
