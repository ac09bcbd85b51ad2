// The command line: the only file that knows every command.

import './code-generation.ts';
import { existsSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Command, CommanderError } from 'commander';
import { OutputError, standardOutput } from './commands/output.ts';
import { UsageError } from './commands/usage-error.ts';
import { wrapped } from './commands/wrapped.ts';
import { ConfigError, processEnvironment } from './config/config.ts';
import { exitCode } from './exit-code.ts';
import { suggestion } from './did-you-mean.ts';
import { isExpected } from './log/error-serializer.ts';
import { say, standardError } from './log/log.ts';
import { description, version } from './version.ts';

const program = new Command('kafka2ipfix')
  .description(description)
  .version(version)
  .showSuggestionAfterError()
  .showHelpAfterError('(add --help for the options and examples)')
  .configureOutput({
    writeOut: (text) => standardOutput.push(text),
    writeErr: (text) => standardError.write(text),
  })
  .exitOverride();

const given = processEnvironment()['KAFKA_BROKERS'];
const brokers = given === undefined ? {} : { brokers: given };

/** What only a checkout has: a trial that starts a Kafka is not part of what is installed. */
const demoFile = new URL('../demo/command.ts', import.meta.url);

interface DemoModule {
  registerDemo(program: Command, defaults: { brokers?: string }): void;
}

/** In the order of the help text. */
const registrations: Readonly<Record<string, () => Promise<void>>> = {
  run: async () => (await import('./commands/run.ts')).registerRun(program),
  validate: async () => (await import('./commands/validate.ts')).registerValidate(program),
  map: async () => (await import('./commands/map.ts')).registerMap(program),
  config: async () => (await import('./commands/config.ts')).registerConfig(program),
  generate: async () => (await import('./commands/generate.ts')).registerGenerate(program, brokers),
  collect: async () => (await import('./commands/collect.ts')).registerCollect(program),
  decode: async () => (await import('./commands/decode.ts')).registerDecode(program),
  requeue: async () => (await import('./commands/requeue.ts')).registerRequeue(program),
  ...(existsSync(demoFile) && {
    demo: async () => ((await import(demoFile.href)) as DemoModule).registerDemo(program, brokers),
  }),
  top: async () => (await import('./commands/top.ts')).registerTop(program),
  healthcheck: async () => (await import('./commands/healthcheck.ts')).registerHealthcheck(program),
};

// Only the command that is asked for is loaded: the stage has no use for the others in its memory.
const [, , name = ''] = process.argv;
if (Object.hasOwn(registrations, name)) await registrations[name]!();
else {
  for (const register of Object.values(registrations)) await register();
  const { registerCompletion } = await import('./commands/completion.ts');
  registerCompletion(program);
}

try {
  checkCommand();
  await program.parseAsync().catch(afterHelp);
  await standardOutput.flushed();
} catch (error) {
  process.exitCode = report(error);
}
await standardError.end();
// Timers and sockets of what is given up hold nothing up: the work is done.
process.exit();

/** Commander would take a misspelt command for an argument of the default one. */
function checkCommand(): void {
  const known = [...Object.keys(registrations), 'completion', 'help'];
  if (name === '' || name.startsWith('-') || known.includes(name)) return;
  const next = suggestion(name, known, `the commands are ${known.join(', ')}`);
  throw new UsageError(`unknown command "${name}"; ${next}`);
}

/** Help and version end here too; they may not be written yet. */
function afterHelp(error: unknown): void {
  if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
}

/** Says what is wrong and what to do next; a stack only where the fault is ours. */
function report(error: unknown): number {
  // Commander has said it already.
  if (error instanceof CommanderError) return exitCode.config;
  if (error instanceof ConfigError || error instanceof UsageError) {
    say(forTerminal(`kafka2ipfix: ${error.message}`));
    return exitCode.config;
  }
  if (error instanceof OutputError) {
    // A reader that has enough, as `head`, is not a fault to be explained.
    if (error.code === 'OUTPUT_FAILED') say(`kafka2ipfix: ${error.message}`);
    return error.exitCode;
  }
  const { stack, message } = error as Error;
  say(`kafka2ipfix: ${isExpected(error as Error) ? message : (stack ?? message)}`);
  return exitCode.software;
}

/** Long faults go on below their first words; off a terminal each stays one line. */
function forTerminal(text: string): string {
  if (!isatty(2)) return text;
  const { columns } = process.stderr;
  return text
    .split('\n')
    .flatMap((line) => wrapped(line, columns > 0 ? columns : 80))
    .join('\n');
}
