// The command line: the only file that knows every command.

import './code-generation.ts';
import { Command, CommanderError } from 'commander';
import { registerCollect } from './commands/collect.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerConfig } from './commands/config.ts';
import { registerDecode } from './commands/decode.ts';
import { registerDemo } from './commands/demo.ts';
import { registerGenerate } from './commands/generate.ts';
import { registerHealthcheck } from './commands/healthcheck.ts';
import { registerRequeue } from './commands/requeue.ts';
import { registerRun } from './commands/run.ts';
import { registerTop } from './commands/top.ts';
import { UsageError } from './commands/usage-error.ts';
import { registerValidate } from './commands/validate.ts';
import { wrapped } from './commands/wrapped.ts';
import { ConfigError, processEnvironment } from './config.ts';
import { exitCode } from './exit-code.ts';
import { description, version } from './version.ts';

const program = new Command('kafka2ipfix')
  .description(description)
  .version(version)
  .showSuggestionAfterError()
  .showHelpAfterError('(add --help for the options and examples)')
  .exitOverride();

const brokers = processEnvironment()['KAFKA_BROKERS'];
registerRun(program);
registerValidate(program);
registerConfig(program);
registerGenerate(program, brokers === undefined ? {} : { brokers });
registerCollect(program);
registerDecode(program);
registerRequeue(program);
registerDemo(program, brokers === undefined ? {} : { brokers });
registerTop(program);
registerHealthcheck(program);
registerCompletion(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what is wrong and what to do next; a stack only where the fault is ours. */
function report(error: unknown): number {
  // Commander has said it already; help and version end here too, with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCode.config;
  if (error instanceof ConfigError || error instanceof UsageError) {
    process.stderr.write(forTerminal(`kafka2ipfix: ${error.message}\n`));
    return exitCode.config;
  }
  const { stack, message, code } = error as NodeJS.ErrnoException;
  process.stderr.write(`kafka2ipfix: ${code === undefined ? (stack ?? message) : message}\n`);
  return exitCode.software;
}

/** Long faults go on below their first words; off a terminal each stays one line. */
function forTerminal(text: string): string {
  const { isTTY, columns } = process.stderr;
  if (!isTTY) return text;
  return text
    .split('\n')
    .flatMap((line) => wrapped(line, columns > 0 ? columns : 80))
    .join('\n');
}
