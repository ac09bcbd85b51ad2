// What a stage said, by a pattern: tests mind the meaning of a line, not its wording.

import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine, Stage } from './stage-process.ts';

/** The first line whose text, code or error matches, now or later; rejects when it does not come. */
export async function untilSaid(stage: Stage, text: RegExp, timeoutMs = 30_000): Promise<LogLine> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    const found = stage.lines().find((line) => textsOf(line).some((said) => text.test(said)));
    if (found) return found;
    if (performance.now() > giveUpAt || stage.process.exitCode !== null) {
      throw new Error(`nothing said matches ${text.source}:\n${everythingSaid(stage)}`);
    }
    await sleep(20);
  }
}

const textsOf = ({ msg, code, err }: LogLine): string[] => [
  String(msg),
  String(code),
  String((err as { message?: string } | undefined)?.message),
];

export function everythingSaid(stage: Stage): string {
  return stage
    .lines()
    .map((line) => JSON.stringify(line))
    .join('\n');
}
