// Shows the progress of long work: a bar on a terminal, a line every two seconds for logs.

import cliProgress from 'cli-progress';

export interface Progress {
  /** `note` says what else there is to know by now. */
  update(events: number, note?: string): void;
  stop: () => void;
}

const lineMs = 2000;

interface ProgressOptions {
  /** What the events are when counted: generated, received. */
  readonly done: string;
  readonly total: number;
  readonly stream: NodeJS.WriteStream;
  /** Stops it too, before anything is written where the bar was. */
  readonly signal?: AbortSignal;
}

export function startProgress(options: ProgressOptions): Progress {
  // Whoever watched has left: the work goes on.
  options.stream.on('error', () => undefined);
  return options.stream.isTTY ? bar(options) : lines(options);
}

/** A number in readable form. */
export function figure(value: number): string {
  return value.toLocaleString('en-US');
}

function bar({ done, total, stream, signal }: ProgressOptions): Progress {
  const single = new cliProgress.SingleBar(
    {
      stream,
      format: `  {bar} {percentage}% | {count} of ${figure(total)} ${done}{note}`,
      hideCursor: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  const stop = (): void => {
    signal?.removeEventListener('abort', stop);
    if (single.isActive) single.stop();
  };
  signal?.addEventListener('abort', stop);
  single.start(total, 0, { count: '0', note: '' });
  return {
    update(events, note) {
      if (!single.isActive) return;
      // More than all, where some came twice, would break the bar.
      const value = Math.min(events, total);
      single.update(value, { count: figure(events), note: note === undefined ? '' : ` | ${note}` });
    },
    stop,
  };
}

function lines({ done, total, stream }: ProgressOptions): Progress {
  let lastMs = performance.now();
  return {
    update(events, note) {
      const nowMs = performance.now();
      if (nowMs - lastMs < lineMs) return;
      lastMs = nowMs;
      const more = note === undefined ? '' : ` (${note})`;
      stream.write(`  ${figure(events)} of ${figure(total)} ${done}${more}\n`);
    },
    stop: () => undefined,
  };
}
