// Text in lines of a given number of columns.

/** A line in pieces of at most `columns`, where its words let it; what follows is indented more. */
export function wrapped(line: string, columns = 80): string[] {
  const indent = `${/^ */.exec(line)![0]}  `;
  const lines: string[] = [];
  let piece = '';
  for (const word of line.split(/(?<=\S) /)) {
    const longer = piece === '' ? word : `${piece} ${word}`;
    if (longer.length > columns && piece.trim() !== '') {
      lines.push(piece);
      piece = indent + word;
    } else piece = longer;
  }
  return [...lines, piece];
}
