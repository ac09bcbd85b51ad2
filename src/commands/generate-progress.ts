// Tells on stderr how far `generate` is: a bar for people, a line every two seconds for logs.

import cliProgress from 'cli-progress';

export interface Progress {
  update(events: number): void;
  stop(): void;
}

const LINE_INTERVAL_MS = 2000;

export function startProgress(
  count: number,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  return stream.isTTY ? bar(count, stream) : lines(count, stream);
}

export function thousands(value: number, digits = 21): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: digits });
}

function bar(count: number, stream: NodeJS.WriteStream): Progress {
  const single = new cliProgress.SingleBar(
    {
      stream,
      format: '{bar} {percentage}% | {value}/{total} events | {eta_formatted} left',
      hideCursor: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  single.start(count, 0);
  return { update: (events) => single.update(events), stop: () => single.stop() };
}

function lines(count: number, stream: NodeJS.WriteStream): Progress {
  let lastMs = performance.now();
  return {
    update(events) {
      const nowMs = performance.now();
      if (nowMs - lastMs < LINE_INTERVAL_MS) return;
      lastMs = nowMs;
      stream.write(`generated ${thousands(events)} of ${thousands(count)} events\n`);
    },
    stop() {},
  };
}
