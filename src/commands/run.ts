// The `run` command: checks everything, and runs the stage.

import type { Command } from 'commander';
import { type Environment, processEnvironment } from '../config/config.ts';
import { prepare } from '../config/preparation.ts';
import { runStage } from '../stage/stage.ts';
import { kafkaConnection } from '../stage/kafka-connection.ts';
import { checkGroupIsNew, sinceMs } from './since.ts';
import { UsageError } from './usage-error.ts';

export function registerRun(program: Command): void {
  program
    .command('run', { isDefault: true })
    .description(
      'read flow events, send them as IPFIX, commit the offsets of what was sent (the default)',
    )
    .option('--input <file>', 'read an Avro container file instead of Kafka; - for standard input')
    .option(
      '--since <time>',
      'where a new group begins: 24h, yesterday, or a time such as 2026-07-01T09:30',
    )
    .addHelpText(
      'after',
      `
All settings are environment variables; \`kafka2ipfix validate\` checks them and looks at some events.
A time without a zone is local. A group that has offsets continues there, so --since is refused for it.

Examples:
  KAFKA_BROKERS=localhost:9092 KAFKA_TOPICS=flows KAFKA_GROUP_ID=kafka2ipfix \\
    COLLECTORS=ipfix://192.0.2.1:4739 kafka2ipfix run
  KAFKA_GROUP_ID=replay-1 kafka2ipfix run --since 24h
  KAFKA_GROUP_ID=replay-2 kafka2ipfix run --since 2026-07-01T09:30
  COLLECTORS=ipfix://127.0.0.1:4739 kafka2ipfix run --input flows.avro
  COLLECTORS=file:/var/flows/flows.ipfix kafka2ipfix run --input flows.avro

SIGTERM, SIGINT and SIGHUP end it after the events in flight are settled; a second one ends it at once.
SIGUSR1 logs the account of all events. SIGUSR2 sends all open Messages at once.

Exit codes: 0 everything settled and committed, 65 stopped at a bad event or a damaged file, 70 failed,
75 ended before everything was settled (the rest is read again), 78 configuration error.`,
    )
    .action(async (options: RunOptions) => {
      const preparation = prepare({ ...processEnvironment(), ...settingsIn(options) });
      const { config, files } = preparation;
      if (options.since !== undefined) {
        await checkGroupIsNew(kafkaConnection(config, files.kafkaTls), config);
      }
      process.exitCode = await runStage(preparation);
    });
}

interface RunOptions {
  readonly input?: string;
  readonly since?: string;
}

/** An option is a setting for this once. */
function settingsIn({ input, since }: RunOptions): Environment {
  if (input !== undefined && since !== undefined) {
    throw new UsageError(
      '--since has no effect with --input: a file is read from its beginning; remove one of the two',
    );
  }
  return {
    ...(input !== undefined && { INPUT_FILE: input }),
    ...(since !== undefined && {
      KAFKA_AUTO_OFFSET_RESET: new Date(sinceMs(since)).toISOString(),
    }),
  };
}
