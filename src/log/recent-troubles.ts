// The warnings and errors of a thread's log that came last, for those who did not read the log. What
// is logged holds no secret and no payload; nor does what is kept here.

export interface Trouble {
  /** Milliseconds since 1970, of the last time. */
  readonly atMs: number;
  readonly level: 'warn' | 'error';
  /** The code of the line, as in docs/logs.md. */
  readonly code: string;
  readonly message: string;
  /** `flows[3] offset 12`; empty where the line names no place. */
  readonly place: string;
  /** How often it came one after the other. */
  readonly count: number;
}

const keptMax = 20;
const warnLevel = 40;
const errorLevel = 50;

export class RecentTroubles {
  #kept: Trouble[] = [];

  /** Takes what a line of a log is made of: a message, or fields and a message. */
  note(level: number, [first, second]: readonly unknown[], nowMs = Date.now()): void {
    if (level < warnLevel) return;
    const fields = (typeof first === 'object' && first !== null ? first : {}) as Fields;
    const text = typeof first === 'string' ? first : second;
    const said = typeof text === 'string' ? text : '';
    const cause = fields.err?.message ?? fields.reason ?? fields.problem ?? fields.error;
    const trouble = {
      atMs: nowMs,
      level: level >= errorLevel ? ('error' as const) : ('warn' as const),
      code: fields.code ?? '',
      message: cause === undefined || cause === said ? said : `${said}: ${cause}`,
      place: placeOf(fields),
    };
    const last = this.#kept.at(-1);
    if (last?.message === trouble.message) {
      this.#kept[this.#kept.length - 1] = { ...trouble, count: last.count + 1 };
      return;
    }
    this.#kept.push({ ...trouble, count: 1 });
    if (this.#kept.length > keptMax) this.#kept.shift();
  }

  /** The newest last. */
  get list(): readonly Trouble[] {
    return this.#kept;
  }
}

interface Fields {
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number | string;
  readonly event?: number | undefined;
  readonly collector?: string;
  readonly partitions?: readonly string[];
  readonly err?: { readonly message: string };
  readonly error?: string;
  readonly reason?: string;
  readonly problem?: string;
  readonly code?: string;
}

function placeOf({ topic, partition, offset, event, collector, partitions }: Fields): string {
  if (topic === undefined) return collector ?? partitions?.join(', ') ?? '';
  const where = partition === undefined ? topic : `${topic}[${partition}]`;
  const at = offset === undefined ? '' : ` offset ${offset}`;
  return `${where}${at}${event === undefined ? '' : ` event ${event}`}`;
}
