// Kafka's own command-line tools, as a second opinion: they run on the jars of the broker's folder.

import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { kafkaJars } from '../../src/broker/kafka-jars.ts';

async function run(mainClass: string, args: readonly string[], input = ''): Promise<string> {
  const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
  const child = spawn('java', ['-Xmx256m', '-cp', join(jars, '*'), mainClass, ...args]);
  child.stdin.end(input);
  const [out, problems] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  if (child.exitCode !== 0)
    throw new Error(`${mainClass} ended with ${child.exitCode}: ${problems}`);
  return out;
}

/** Produces each line as a message's value, under a codec. */
export async function consoleProduce(
  brokers: readonly string[],
  topic: string,
  codec: string,
  lines: readonly string[],
  properties: Readonly<Record<string, number>> = {},
): Promise<void> {
  const args = ['--bootstrap-server', brokers.join(), '--topic', topic];
  const tool = 'org.apache.kafka.tools.ConsoleProducer';
  const said = Object.entries(properties).flatMap(([name, value]) => [
    '--command-property',
    `${name}=${value}`,
  ]);
  await run(tool, [...args, '--compression-codec', codec, ...said], `${lines.join('\n')}\n`);
}

/** What Kafka's own consumer reads of the topic, committed alone: partition, offset and value. */
export async function consoleConsume(
  brokers: readonly string[],
  topic: string,
): Promise<{ partition: number; offset: number; value: string }[]> {
  const printed = await run('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--bootstrap-server', brokers.join(), '--topic', topic, '--from-beginning'],
    ...['--isolation-level', 'read_committed', '--timeout-ms', '4000'],
    ...['--formatter-property', 'print.partition=true'],
    ...['--formatter-property', 'print.offset=true'],
  ]);
  return printed
    .split('\n')
    .filter((line) => line.startsWith('Partition:'))
    .map((line) => {
      const [partition = '', offset = '', value = ''] = line.split('\t');
      return { partition: numberIn(partition), offset: numberIn(offset), value };
    });
}

const numberIn = (text: string): number => Number(text.replace(/^\w+:/, ''));
