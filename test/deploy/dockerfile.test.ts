// The Dockerfile against the checkout: what it copies is there and is not ignored, and its Node.js
// is the one that package.json asks for. No image is built here.

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');
const dockerfile = read('Dockerfile');

/** What is copied from the checkout, not from another stage. */
const copied = Array.from(dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm), ([, files]) =>
  files!.split(' ').map((file) => file.replace('./', '')),
).flat();

test('copies only what is in the checkout', () => {
  expect(copied.length).toBeGreaterThan(0);
  expect(copied.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
});

test('copies only what .dockerignore lets through, and that is no more than it copies', () => {
  const lines = read('.dockerignore').match(/^!.+$/gm) ?? [];
  const allowed = lines.map((line) => line.slice(1)).sort();
  expect([...new Set(copied)].sort()).toEqual(allowed);
});

test('has the Node.js that package.json asks for, in every stage', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  const major = /\d+/.exec(engines.node)?.[0] ?? '';
  const bases = Array.from(dockerfile.matchAll(/^FROM (\S+)/gm), ([, image]) => image);
  expect(new Set(bases)).toEqual(new Set(['${NODE_IMAGE}']));
  expect(dockerfile).toContain(`ARG NODE_IMAGE=node:${major}-slim\n`);
});

test('calls commands of the program that exist, for health too', () => {
  const called = Array.from(dockerfile.matchAll(/CMD (\[.*\])$/gm), ([, words]) =>
    (JSON.parse(words!) as string[]).at(-1)!,
  );
  expect(called.sort()).toEqual(['healthcheck', 'run']);
  const main = read('src/main.ts');
  for (const command of called) {
    const register = `register${command[0]!.toUpperCase()}${command.slice(1)}`;
    expect(main).toContain(`${register}(program`);
  }
});

test('runs as a user without privileges', () => {
  expect(dockerfile).toMatch(/^USER node$/m);
});
