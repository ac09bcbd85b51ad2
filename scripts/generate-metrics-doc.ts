// Writes docs/metrics.md from src/http/metric-definitions.ts.
//   node scripts/generate-metrics-doc.ts           writes the file
//   node scripts/generate-metrics-doc.ts --check   exit 1 when the file is not what would be written

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { metricDefinitions } from '../src/http/metric-definitions.ts';
import type { MetricDefinition } from '../src/http/metric-kinds.ts';

const target = new URL('../docs/metrics.md', import.meta.url);

const introduction = `<!-- Generated from src/http/metric-definitions.ts by scripts/generate-metrics-doc.ts; edits here are lost. -->

# Metrics and health

\`run\` serves metrics and health at the address in \`HTTP_LISTEN\`, by default \`http://127.0.0.1:9464\`. Only GET and HEAD are
answered. There is no password, nothing can be changed, and settings are not shown. If the port is in use,
the process exits with code 78. The Host header must be an IP address, \`localhost\`, the name in \`HTTP_LISTEN\`,
this host's name or one of \`HTTP_ALLOWED_HOSTS\`; others get 421 ([why](security.md)). Kubernetes probes and scrapes of
Pods use addresses; if Prometheus uses the name of a service, add it to \`HTTP_ALLOWED_HOSTS\`. With more than 64
connections, those that send no request, or read no response, are closed first.

| path | response |
| --- | --- |
| \`/\` | a status page: last errors, bad events with their reasons, throughput and lag of the last ten minutes, partitions, Workers and what they wait for, collectors, Templates |
| \`/livez\` | 200 while the event loop of every Worker runs, else 503: restart the process |
| \`/readyz\` | 200 while events can be exported, else 503; JSON with the reasons |
| \`/metrics\` | the metrics below, for Prometheus |
| \`/stats\` | the same and more as JSON, for \`kafka2ipfix top\` and scripts |
| \`/history\` | the last ten minutes, second by second, as JSON |
| \`/version\` | the versions of the program and of Node.js, as JSON |

\`kafka2ipfix healthcheck\` requests \`/livez\`, or \`/readyz\` with \`--ready\`, and exits with 0 or 1: for containers
without curl. The reasons of \`/readyz\` are \`starting\`, \`draining\`, \`group_not_joined\`, \`broker_silent\` (for
ten seconds), \`partitions_away\` (some partitions cannot be read for five seconds; the others continue), \`schema_unavailable\`, \`collector_refuses\`,
\`collector_stalled\` (the kernel, or the disk, accepts nothing),
\`dead_letters_unwritable\` and \`worker_silent\` (for ten seconds, or a minute during startup, as in \`/livez\`).

## The account

Each Worker's figures are taken in one turn of its event loop. So at every scrape, for each Worker and in total,

    consumed = exported + dead-lettered + discarded + returned + in flight

as [the promise](promise.md) states. In PromQL, the result must be 0; anything else is a bug in this program:

\`\`\`promql
sum(kafka2ipfix_records_consumed_total) - sum(kafka2ipfix_records_exported_total)
  - sum(kafka2ipfix_records_dead_lettered_total) - sum(kafka2ipfix_records_discarded_total)
  - sum(kafka2ipfix_records_returned_total) - sum(kafka2ipfix_records_in_flight)
\`\`\`

Counters start at 0 with the process. "Records" are Kafka records or, if a message holds several events, events; what is sent
is counted as Data Records.

## Metrics
`;

const outro = `
In addition there are prom-client's metrics of the process and of Node.js: \`process_cpu_seconds_total\`,
\`process_resident_memory_bytes\`, \`process_open_fds\`, \`nodejs_eventloop_lag_seconds\`, \`nodejs_gc_duration_seconds\`,
\`nodejs_heap_size_used_bytes\` and similar ones. Those of the event loop and the heap describe the main thread, which does
little work; \`kafka2ipfix_worker_busy_seconds_total\` and \`kafka2ipfix_worker_heap_bytes\` describe the Workers.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

const rowOf = ({ name, type, labels, help }: MetricDefinition): string =>
  `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${cell(help)} |`;

/** What docs/metrics.md must hold. */
export async function generateMetricsDoc(): Promise<string> {
  const head = ['| metric | type | labels | meaning |', '| --- | --- | --- | --- |'];
  const table = [...head, ...metricDefinitions.map(rowOf)].join('\n');
  const text = `${introduction}\n${table}\n${outro}`;
  const filepath = fileURLToPath(target);
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

if (import.meta.main) {
  const text = await generateMetricsDoc();
  if (!process.argv.includes('--check')) {
    writeFileSync(target, text);
  } else if (readFileSync(target, 'utf8') !== text) {
    console.error(`${fileURLToPath(target)} is out of date: npm run generate:metrics`);
    process.exitCode = 1;
  }
}
