// What lies in a topic of dead letters.

import type { MessageHeader } from '../../../src/sources/delivery.ts';
import { messagesIn } from './topic-messages.ts';

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

/** All letters, each partition's in order. */
export async function deadLettersIn(
  brokers: readonly string[],
  topic: string,
): Promise<FoundLetter[]> {
  const messages = await messagesIn(brokers, topic);
  return messages.map(({ partition: letterPartition, key, value, timestampMs, headers }) => {
    const isOurs = ({ key: name }: MessageHeader) => name.startsWith(prefix);
    const text = ({ key: name, value: octets }: MessageHeader) => [name, String(octets)] as const;
    const ours = headers.filter(isOurs).map(text);
    return {
      key,
      value,
      timestamp: String(timestampMs),
      letterPartition,
      ours: Object.fromEntries(ours.map(([name, said]) => [name.slice(prefix.length), said])),
      others: Object.fromEntries(headers.filter((header) => !isOurs(header)).map(text)),
    };
  });
}
