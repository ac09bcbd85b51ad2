// The nearest known name to a misspelt one, for messages that say how to fix.

/** The nearest of `names` by edit distance, if it is near enough to be meant. */
export function didYouMean(
  wrong: string,
  names: Iterable<string>,
  distanceMax = Math.max(2, Math.floor(wrong.length / 3)),
): string | undefined {
  let best: string | undefined;
  let bestDistance = distanceMax + 1;
  for (const name of names) {
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** `did you mean "…"?`; `otherwise` where no name is near enough. */
export function suggestion(wrong: string, names: Iterable<string>, otherwise: string): string {
  const near = didYouMean(wrong, names);
  return near === undefined ? otherwise : `did you mean "${near}"?`;
}

// Levenshtein's distance, one row of the table at a time.
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitute = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substitute));
    }
    row = next;
  }
  return row[b.length]!;
}
