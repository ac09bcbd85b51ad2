// Writes docs/logs.md from src/log/log-events.ts.
//   node scripts/generate-logs-doc.ts           writes the file
//   node scripts/generate-logs-doc.ts --check   exit 1 when the file is not what would be written

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { type LogEvent, logEvents } from '../src/log/log-events.ts';

const target = new URL('../docs/logs.md', import.meta.url);

const introduction = `<!-- Generated from src/log/log-events.ts by scripts/generate-logs-doc.ts; edits here are lost. -->

# Warnings and errors in the log

The log goes to standard error, as JSON or, on a terminal, as text (\`LOG_FORMAT\`). Each warning and error has a \`code\`. A code
keeps its meaning, so alerts and filters can rely on it; the text in \`msg\` may be improved. Lines of the levels info and debug have no code.

Fields of every line: \`level\` (30 info, 40 warn, 50 error), \`time\` (milliseconds since 1970), \`msg\`, and \`worker\` in the lines of
a Worker's thread. The fields in the list of each code are in addition to these. Secrets and payloads are not logged; the
reason of a bad event quotes the one value that is wrong.

These lines at level info say what a run does:

| text                                | when, and what is in it                                                                                                                          |
| ----------------------------------- | ------------------------------------------------------------------------------------------------------------------------------------------------ |
| \`starting\`                        | once: versions, host, topics, group, collector, Message length, Workers, domains                                                                 |
| \`the group begins\`                | a group without offsets for a topic: where each partition begins, and why                                                                         |
| \`joined the group\`                | after each rebalance: the partitions of this Worker, and their lag                                                                                |
| \`status\`                          | every \`LOG_STATUS_INTERVAL\`: records per second since the last such line, the account, lag, and what is waited for                                |
| \`Kafka answers again\`             | after \`KAFKA_AWAY\`                                                                                                                              |
| \`account\`                         | at SIGUSR1: the account of all events                                                                                                             |
| \`draining\`, \`ended\`             | at the end: the reason; the exit code, the account and what was sent                                                                              |

The status page, \`/stats\` and \`kafka2ipfix top\` show the newest warnings and errors of the Workers with their codes. \`jq\` finds them in a file:

<!-- not runnable: it needs the log of a run -->

\`\`\`sh
jq -c 'select(.code == "COLLECTOR_REFUSES")' kafka2ipfix.log
\`\`\`
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

function sectionOf([code, { level, text, fields, meaning, remedy }]: [string, LogEvent]): string {
  const names = Object.entries(fields).map(([name, about]) => `- \`${name}\`: ${cell(about)}`);
  return [
    `## ${code}`,
    `**${level}:** ${text}`,
    meaning,
    `**What to do:** ${remedy}`,
    ...(names.length === 0 ? [] : [names.join('\n')]),
  ].join('\n\n');
}

/** What docs/logs.md must hold. */
export async function generateLogsDoc(): Promise<string> {
  const index = Object.entries<LogEvent>(logEvents).map(
    ([code, { level, text }]) => `| [${code}](#${code.toLowerCase()}) | ${level} | ${cell(text)} |`,
  );
  const table = ['| code | level | text |', '| --- | --- | --- |', ...index].join('\n');
  const sections = Object.entries<LogEvent>(logEvents).map(sectionOf).join('\n\n');
  const filepath = fileURLToPath(target);
  const text = `${introduction}\n${table}\n\n${sections}\n`;
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

if (import.meta.main) {
  const text = await generateLogsDoc();
  if (!process.argv.includes('--check')) {
    writeFileSync(target, text);
  } else if (readFileSync(target, 'utf8') !== text) {
    console.error(`${fileURLToPath(target)} is out of date: npm run generate:logs`);
    process.exitCode = 1;
  }
}
