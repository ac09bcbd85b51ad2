// Source texts with one increment of a counter left out, and modules made of them: what a test sees of
// a counter must be wrong then.

import { readFileSync } from 'node:fs';
import { isBuiltin, stripTypeScriptTypes } from 'node:module';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

export interface CounterMutant {
  readonly line: number;
  readonly statement: string;
  /** The name that `pattern` has in its first group. */
  readonly counter: string;
  /** The source text without the statement. */
  readonly without: string;
}

const root = join(import.meta.dirname, '..', '..', '..');
export const sourcePath = (file: string): string => join(root, 'src', file);

/** Each match of `pattern`, which is global, is a statement; `file` is below src. */
export function counterMutants(file: string, pattern: RegExp): CounterMutant[] {
  const text = readFileSync(sourcePath(file), 'utf8');
  return [...text.matchAll(pattern)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    statement: match[0].trim(),
    counter: match[1]!,
    without: `${text.slice(0, match.index)};${text.slice(match.index + match[0].length)}`,
  }));
}

/** The module that `file` would be with another text; what it imports is as it is. */
export async function moduleOf<T>(file: string, text: string): Promise<T> {
  const base = pathToFileURL(sourcePath(file));
  const script = stripTypeScriptTypes(text).replace(/ from '([^']+)'/g, (_, name: string) => {
    if (isBuiltin(name)) return ` from '${name}'`;
    const url = name.startsWith('.') ? new URL(name, base).href : import.meta.resolve(name);
    return ` from '${url}'`;
  });
  const url = `data:text/javascript;base64,${Buffer.from(script).toString('base64')}`;
  return (await import(/* @vite-ignore */ url)) as T;
}
