// CPU and wall time of this process between its first record and its last, said as one line of JSON.

export interface Span {
  readonly records: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

export class CpuSpan {
  readonly ended: Promise<void>;
  #finish: () => void = () => undefined;
  #cpu: NodeJS.CpuUsage | undefined;
  #startMs = 0;
  #isOver = false;

  constructor() {
    this.ended = new Promise((resolve) => (this.#finish = resolve));
  }

  begin(): void {
    if (this.#cpu) return;
    this.#cpu = process.cpuUsage();
    this.#startMs = performance.now();
  }

  end(records: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { user, system } = process.cpuUsage(this.#cpu);
    const span: Span = {
      records,
      cpuSeconds: (user + system) / 1e6,
      wallSeconds: (performance.now() - this.#startMs) / 1e3,
    };
    process.stdout.write(`${JSON.stringify(span)}\n`);
    this.#finish();
  }
}
