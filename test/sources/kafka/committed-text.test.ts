// The text beside a committed offset.

import { expect, test } from 'vitest';
import { committedText, readCommittedText } from '../../../src/sources/kafka/committed-text.ts';

test.each([
  [{ topicId: 'MHxBd1EvRYKBHmMVtZzDwQ' }, 'topicId=MHxBd1EvRYKBHmMVtZzDwQ'],
  [{ topicId: 'a', start: 'latest' as const }, 'topicId=a start=latest'],
  [{ topicId: 'a', start: 1_714_979_289_123 }, 'topicId=a start=1714979289123'],
  [{ start: 'earliest' as const }, 'start=earliest'],
  [{}, undefined],
])('%j is written as %s, and read back', (text, written) => {
  expect(committedText(text)).toBe(written);
  expect(readCommittedText(written)).toEqual({ topicId: undefined, start: undefined, ...text });
});

test.each([null, undefined, '', 'by hand', 'start=never', '=', 'topicId', 'x=1 y=2'])(
  'text of others, as %j, says nothing',
  (text) => {
    expect(readCommittedText(text)).toEqual({ topicId: undefined, start: undefined });
  },
);
