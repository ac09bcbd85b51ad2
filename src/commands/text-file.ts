// Files that an option or a variable names, to be read whole.

import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.ts';

/** `option` is for the message. Throws UsageError. */
export function readText(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(option, path, error);
  }
}

export const unreadable = (option: string, path: string, error: unknown): UsageError =>
  new UsageError(
    `${option}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}); name a readable file`,
  );
