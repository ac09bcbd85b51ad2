// Time for a simulated world: one queue of events, and a clock that jumps from one to the next. The
// globals that the program and kafkajs read time by are replaced while a world runs, so that neither
// knows of it. Timers belong to the process that set them: it can be frozen, thawed and killed.

import { AsyncLocalStorage } from 'node:async_hooks';

/** A process of the simulated world: what it started goes with it. */
export class SimProcess {
  readonly name: string;
  isDead = false;
  isFrozen = false;
  /** What fell due while it was frozen, in order. */
  readonly held: Due[] = [];

  constructor(name: string) {
    this.name = name;
  }
}

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
  readonly process: SimProcess | undefined;
  isOff: boolean;
}

const running = new AsyncLocalStorage<SimProcess>();

/** The process whose code runs now. */
export const processNow = (): SimProcess | undefined => running.getStore();

// 2026-08-01: any time would do.
const epochMs = 1_785_542_400_000;
const letPromisesGoOn = setImmediate;

export class VirtualTime {
  nowMs = 0;
  /** How far the wall clock was set forward, or back. */
  wallStepMs = 0;
  /** Called after each event, when everything that it set free has run. */
  onStep: () => void = () => undefined;
  /** Called with what nobody caught: a process of its own would have ended by it. */
  onUncaught: (error: unknown, process: SimProcess | undefined) => void = () => undefined;
  steps = 0;
  readonly #heap: Due[] = [];
  #order = 0;

  wallMs(): number {
    return Math.floor(epochMs + this.wallStepMs + this.nowMs);
  }

  /** `process` is whose it is; undefined for the world itself. */
  after(ms: number, action: () => void, process = processNow()): () => void {
    const due: Due = {
      atMs: this.nowMs + Math.max(0, ms),
      order: (this.#order += 1),
      ...{ action, process, isOff: false },
    };
    this.#push(due);
    return () => {
      due.isOff = true;
    };
  }

  /** Of the world, even if a process's code asks for it. */
  inWorld(ms: number, action: () => void): void {
    const due: Due = {
      atMs: this.nowMs + Math.max(0, ms),
      order: (this.#order += 1),
      ...{ action, process: undefined, isOff: false },
    };
    this.#push(due);
  }

  start(process: SimProcess, main: () => void): void {
    this.after(0, main, process);
  }

  kill(process: SimProcess): void {
    process.isDead = true;
    process.held.length = 0;
  }

  freeze(process: SimProcess): void {
    process.isFrozen = true;
  }

  thaw(process: SimProcess): void {
    process.isFrozen = false;
    for (const due of process.held.splice(0)) {
      // Called off by one that was held before it, perhaps.
      this.after(0, () => due.isOff || due.action(), process);
    }
  }

  /** Goes on until `isOver`, or nothing is left to happen. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const due = this.#pop();
      if (!due) return;
      if (due.isOff || due.process?.isDead) continue;
      if (due.process?.isFrozen) {
        due.process.held.push(due);
        continue;
      }
      this.nowMs = Math.max(this.nowMs, due.atMs);
      this.steps += 1;
      try {
        if (due.process) running.run(due.process, due.action);
        else due.action();
      } catch (error) {
        this.onUncaught(error, due.process);
      }
      await new Promise((resolve) => letPromisesGoOn(resolve));
      this.onStep();
    }
  }

  /** Replaces the globals; the returned function puts them back. */
  install(random: () => number): () => void {
    const replaced: [object, string, unknown][] = [
      [globalThis, 'setTimeout', (action: () => void, ms = 0) => this.#timer(ms, action)],
      [globalThis, 'clearTimeout', (timer?: Timer) => timer?.off()],
      [globalThis, 'setInterval', (action: () => void, ms = 0) => this.#every(ms, action)],
      [globalThis, 'clearInterval', (timer?: Timer) => timer?.off()],
      [globalThis, 'setImmediate', (action: () => void) => this.#timer(0, action, 0)],
      [globalThis, 'clearImmediate', (timer?: Timer) => timer?.off()],
      [Date, 'now', () => this.wallMs()],
      [performance, 'now', () => this.nowMs],
      [Math, 'random', random],
    ];
    const before = replaced.map(([owner, name, by]) => {
      const own = Object.getOwnPropertyDescriptor(owner, name);
      Object.defineProperty(owner, name, { value: by, configurable: true, writable: true });
      return own;
    });
    return () => {
      replaced.forEach(([owner, name], i) => {
        const own = before[i];
        if (own) Object.defineProperty(owner, name, own);
        else Reflect.deleteProperty(owner, name);
      });
    };
  }

  // As Node.js has it: a millisecond at least, except for what is to run at once.
  #timer(ms: number, action: () => void, least = 1): Timer {
    return new Timer(this.after(Math.max(least, ms), action));
  }

  #every(ms: number, action: () => void): Timer {
    const timer = new Timer(() => undefined);
    const again = () => {
      timer.off = this.after(Math.max(1, ms), () => {
        again();
        action();
      });
    };
    again();
    return timer;
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(due, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = due;
  }

  #pop(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (a: Due, b: Due): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** What setTimeout gives back, as far as anybody asks for it. */
class Timer {
  off: () => void;

  constructor(off: () => void) {
    this.off = off;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}
