// Access to kafkajs's own modules, which the seams reach into: membership, requests, record sets, sockets.
// kafkajs has no exports map, is pinned exactly, and is frozen upstream; another version stops here.

import { createRequire } from 'node:module';

const pinnedVersion = '2.2.4';
const require = createRequire(import.meta.url);

export class KafkajsVersionError extends Error {
  readonly code = 'KAFKAJS_VERSION';
  override readonly name = 'KafkajsVersionError';
}

/** Throws KafkajsVersionError where another version is installed than the seams were made for. */
export function checkVersion(version: string): void {
  if (version === pinnedVersion) return;
  throw new KafkajsVersionError(
    `kafkajs ${version} is installed; kafka2ipfix needs exactly ${pinnedVersion}, because it ` +
      'depends on its internals. Run npm ci',
  );
}

/** A module of kafkajs by its path, as `src/consumer/consumerGroup.js`. */
export const kafkajsModule = (path: string): unknown => require(`kafkajs/${path}`);

/** Throws KafkajsVersionError. */
export function checkInstalledVersion(): void {
  const { version } = require('kafkajs/package.json') as { version: string };
  checkVersion(version);
}

/** Puts another value in a module's place, for all that require it from now on. */
export function replaceKafkajsModule(path: string, exports: unknown): void {
  kafkajsModule(path);
  require.cache[require.resolve(`kafkajs/${path}`)]!.exports = exports;
}

/** Whether something required the module already, and so has what it was then. */
export const isLoaded = (path: string): boolean =>
  require.resolve(`kafkajs/${path}`) in require.cache;
