// What lies in a topic of dead letters.

import type { IHeaders } from 'kafkajs';
import pino from 'pino';
import { peek } from '../../../src/sources/kafka/kafka-peek.ts';

export interface FoundLetter {
  readonly key: string | undefined;
  readonly value: Buffer | null;
  readonly timestamp: string;
  /** Those of this program, without their prefix. */
  readonly ours: Readonly<Record<string, string>>;
  readonly others: Readonly<Record<string, string>>;
  /** Where the letter lies. */
  readonly letterPartition: number;
}

const prefix = 'kafka2ipfix.';
const log = pino({ level: 'silent' });

/** All letters, each partition's in order. */
export async function deadLettersIn(
  brokers: readonly string[],
  topic: string,
): Promise<FoundLetter[]> {
  const connection = { brokers, clientId: 'kafka2ipfix-test' };
  const asked = { connection, topic, count: 1e6, batchOctetsMax: 2 ** 26, log };
  const peeked = await peek({ ...asked, from: 'oldest' });
  return peeked.flatMap(({ partition: letterPartition, messages }) =>
    messages.map(({ key, value, timestamp, headers = {} }) => {
      const names = Object.keys(headers);
      const ours = names.filter((name) => name.startsWith(prefix));
      const others = names.filter((name) => !name.startsWith(prefix));
      return {
        ...{ key: key?.toString(), value, timestamp, letterPartition },
        ours: Object.fromEntries(
          ours.map((name) => [name.slice(prefix.length), text(headers[name])]),
        ),
        others: Object.fromEntries(others.map((name) => [name, text(headers[name])])),
      };
    }),
  );
}

const text = (value: IHeaders[string]): string => String(value);
