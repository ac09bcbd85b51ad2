// This program's version and what it is, from package.json: from src/ and from dist/ alike.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const packageFile = join(import.meta.dirname, '..', 'package.json');

export const { version, description } = JSON.parse(readFileSync(packageFile, 'utf8')) as {
  readonly version: string;
  readonly description: string;
};
