// A list in a sentence: the first ones, and how many more there are.

const shownMax = 10;

/** At most ten of `items`, and "and 5 more". */
export function someOf(items: readonly string[], separator = ', '): string {
  const left = items.length - shownMax;
  const shown = items.slice(0, shownMax).join(separator);
  return left > 0 ? `${shown}${separator}and ${left} more` : shown;
}
