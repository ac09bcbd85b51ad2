// The text beside a committed offset: of which topic the offset is, by its id, because a topic that was
// deleted and created again begins other offsets under the same name. And, where a group begins and a
// partition has no leader to ask, from where: whoever reads the partition first finds out.
//
//   topicId=MHxBd1EvRYKBHmMVtZzDwQ start=latest

import type { AutoOffsetReset } from './auto-offset-reset.ts';

export interface CommittedText {
  /** Undefined where the brokers gave no ids, or somebody else committed. */
  readonly topicId?: string | undefined;
  /** The offset beside it stands for nothing yet. */
  readonly start?: AutoOffsetReset | undefined;
}

/** Undefined where there is nothing to say. */
export function committedText({ topicId, start }: CommittedText): string | undefined {
  const parts = [
    ...(topicId === undefined ? [] : [`topicId=${topicId}`]),
    ...(start === undefined ? [] : [`start=${start}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' ');
}

/** Text of others is passed over. */
export function readCommittedText(text: string | null | undefined): CommittedText {
  const parts = new Map((text ?? '').split(' ').map((part) => cut(part)));
  return { topicId: parts.get('topicId'), start: startOf(parts.get('start')) };
}

function startOf(text: string | undefined): AutoOffsetReset | undefined {
  if (text === 'latest' || text === 'earliest') return text;
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function cut(part: string): [string, string] {
  const at = part.indexOf('=');
  return at < 0 ? ['', ''] : [part.slice(0, at), part.slice(at + 1)];
}
