// What is found in a message's value, handed on piece by piece. Types only.

import type { WriterSchema } from '../delivery.ts';

export interface DatumTaker {
  /** `bytes` is the value itself, or fresh octets out of it. */
  datum(bytes: Buffer, start: number, end: number, schema: WriterSchema): void;
  /** `unread`: only for its length, without a look into it. */
  unreadable(problem: string, cause?: unknown, unread?: boolean): void;
}
