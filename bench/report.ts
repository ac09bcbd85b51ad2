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
    `| ${first} | ns of CPU per record, median | min | max | records per second | rounds |`,
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

Written by \`npm run bench\`; do not edit. The times apply to one machine; compare the ratios.

![CPU time per record of each contestant](performance.svg)

| CPU per record of this stage, relative to | ratio |
| --- | ---: |
| librdkafka in C, doing nothing | ${ratios.ofLibrdkafkaIdle} |
| kafkajs, doing nothing | ${ratios.ofKafkajsIdle} |
| the obvious bridge (kafkajs, avsc, \`node:dgram\`) | ${ratios.ofObviousBridge} |
| with \`UDP_SENDER=dgram\`: librdkafka in C, doing nothing | ${ratios.dgramOfLibrdkafkaIdle} |

## All on one topic

${figure(where.records)} flows of nine fields over IPv4 (about 40 octets of Avro behind a schema id, 45 octets in a Data Record,
Messages of 1,460 octets), four partitions, RecordBatches of 1,000, no compression. Each contestant is one process; its CPU time, including the
kernel, is measured between its first and its last record. They take turns, round by round. All guarantees are enabled in this stage:
what was sent is kept until it is confirmed, and offsets are committed after that. A receiver in C that shares no code with the encoder
reads each sent record: all arrived once, no Sequence Number was missed, and
their octets add up to what was produced. It polls a thousand times a second, so that no sender pays for waking it. All use the same fetch settings (\`bench/equal-settings.ts\`); kafkajs does not check CRCs, the others do.

${table('contestant', result.rows)}
${result.codecs.length > 0 ? `\n## Codecs\n\n${table('codec', result.codecs)}\n` : ''}${
    result.batchSizes.length > 0
      ? `\n## Records in a Kafka RecordBatch\n\n${table('records', result.batchSizes)}\n`
      : ''
  }${
    result.layouts.length > 0
      ? `\n## Templates, and a variable length\n\nOnly this stage.\n\n${table('events', result.layouts)}\n`
      : ''
  }
## Environment

${where.cpu}, Linux ${where.kernel}, Node.js ${where.node}, Kafka (${where.kafka}), all on the same cores; commit ${where.commit}${where.clean ? '' : ' with changes'}; ${where.seconds} s in all.
`;
}
