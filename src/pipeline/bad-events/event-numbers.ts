// Numbers of events as text and back: `3,7-9`. They go into a header of a Kafka message, so their text
// has a bound.

const textMax = 16_384;
const numbersMax = 10_000_000;

/** Undefined where the text would be longer than a header should be. Rising numbers. */
export function eventNumbersText(numbers: readonly number[]): string | undefined {
  const ranges: string[] = [];
  for (let i = 0; i < numbers.length;) {
    const first = numbers[i]!;
    let last = first;
    for (i += 1; numbers[i] === last + 1; i += 1) last += 1;
    ranges.push(first === last ? `${first}` : `${first}-${last}`);
  }
  const text = ranges.join(',');
  return text.length > textMax ? undefined : text;
}

/** Undefined where the text is not such a list. */
export function eventNumbersFrom(text: string): ReadonlySet<number> | undefined {
  const numbers = new Set<number>();
  for (const range of text.split(',')) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(range);
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || numbers.size + last - first >= numbersMax) return undefined;
    for (let number = first; number <= last; number += 1) numbers.add(number);
  }
  return numbers;
}
