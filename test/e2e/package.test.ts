// What `npm pack` makes, installed in an empty folder with production dependencies only: it has what
// a user needs and nothing else, its commands work, its types are right, and every block on the pages
// that is marked as runnable runs in it. Needs no Kafka; npm fetches what it has not kept.

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../demo/broker/free-port.ts';
import { InstalledPackage } from './installed-package.ts';
import { type Block, blocksOf, isRunnable, pages } from '../docs/page-blocks.ts';

const root = join(import.meta.dirname, '..', '..');
const program = 'node_modules/.bin/kafka2ipfix';

let installed: InstalledPackage;
let port: number;
beforeAll(async () => {
  port = await freePort('127.0.0.1');
  installed = await InstalledPackage.make();
});
afterAll(() => installed.remove());

describe('the package', () => {
  test('is small: its size and its dependencies, for the record', () => {
    const { size, unpackedSize, files } = installed.packed;
    const kib = (octets: number): string => `${Math.round(octets / 1024)} KiB`;
    console.log(
      `package: ${kib(size)} packed, ${kib(unpackedSize)} unpacked, ${files.length} files, ` +
        `${installed.dependencies.length} packages beside it`,
    );
    expect(size).toBeLessThan(2 ** 20);
    expect(installed.dependencies.length).toBeLessThan(60);
  });

  test('has what a user needs and nothing else', () => {
    const paths = installed.packed.files.map(({ path }) => path);
    const needed = [
      ...['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json', 'bin/kafka2ipfix.js'],
      ...['dist/main.js', 'dist/stage/worker-thread.js', 'dist/ipfix/library.d.ts'],
      ...['schemas/flow-event.avsc', 'docs/settings.md', 'docs/licences.md'],
    ];
    expect(paths).toEqual(expect.arrayContaining(needed));
    const allowed =
      /^(README\.md|LICENSE|CHANGELOG\.md|package\.json|bin\/.*\.js|dist\/.*\.js|dist\/http\/page\/.*|dist\/ipfix\/.*\.d\.ts|schemas\/.*|docs\/[\w-]+\.(md|svg))$/;
    expect(paths.filter((path) => !allowed.test(path))).toEqual([]);
  });

  test('has nothing built of sources that are no more', () => {
    const built = installed.packed.files.flatMap(
      ({ path }) => /^dist\/(.*)$/.exec(path)?.[1] ?? [],
    );
    // What is no TypeScript, as the files of a page, is copied as it is.
    const isThere = (file: string): boolean => existsSync(join(root, 'src', file));
    const gone = built.filter(
      (file) => !isThere(file) && !isThere(file.replace(/(\.d\.ts|\.js)$/, '.ts')),
    );
    expect(built.length).toBeGreaterThan(100);
    expect(gone).toEqual([]);
  });

  test('brings no package of development', () => {
    const brought = readdirSync(join(installed.folder, 'node_modules'));
    expect(brought).toContain('kafkajs');
    for (const name of ['typescript', 'vitest', 'testcontainers', 'node']) {
      expect(brought).not.toContain(name);
    }
  });

  test('validates, runs and collects: a thousand events of a file arrive', async () => {
    const env = {
      COLLECTORS: `ipfix://127.0.0.1:${port}`,
      ...{ KAFKA_BROKERS: 'localhost:9092', KAFKA_TOPICS: 'flows', KAFKA_GROUP_ID: 'flows' },
    };
    const steps = [
      `${program} validate --offline`,
      `${program} generate --output flows.avro --count 1000`,
      `${program} collect --listen 127.0.0.1:${port} --count 1000 --format json --output seen.json &`,
      `${program} run --input flows.avro`,
      'wait $!',
    ];
    const { code, stdout, stderr } = await installed.shell(steps.join('\n'), { place: '.', env });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain('octetDeltaCount');
    const { stdout: lines } = await installed.shell('wc -l < seen.json', { place: '.' });
    expect(Number(lines)).toBe(1000);
  });

  test('has types for kafka2ipfix/ipfix that a strict program is checked by', async () => {
    const consumer = [
      `import { Decoder, Encoder, namedField } from 'kafka2ipfix/ipfix';`,
      `const encoder = new Encoder({ observationDomainId: 1, messageOctetsMax: 512 });`,
      `encoder.addTemplate(256, [namedField('octetDeltaCount')]);`,
      `const [message] = encoder.records(256, [[1n]], 0);`,
      `export const records: readonly unknown[] = new Decoder().decode(message!).records;`,
      `// @ts-expect-error a domain is a number`,
      `new Encoder({ observationDomainId: 'one', messageOctetsMax: 512 });`,
    ];
    writeFileSync(join(installed.folder, 'consumer.ts'), consumer.join('\n'));
    const tsc = `node ${join(root, 'node_modules/typescript/bin/tsc')}`;
    const options = `--noEmit --strict --skipLibCheck --module nodenext --types node --typeRoots ${join(root, 'node_modules/@types')}`;
    const ending = await installed.shell(`${tsc} ${options} consumer.ts`, { place: '.' });
    expect(ending).toMatchObject({ code: 0, stdout: '' });
  });
});

/** The port that IANA has for IPFIX may be taken here. */
const withOwnPort = ({ text }: Block): string => text.replaceAll('4739', String(port));

// One page after the other, each from top to bottom, in a folder of its own that is empty at first.
describe.each(pages.filter((page) => blocksOf(page).some(isRunnable)))(
  '%s, word by word',
  (page) => {
    test.each(blocksOf(page).filter(isRunnable))('line $line', async (block) => {
      const place = join('pages', page.replaceAll(/\W/g, '-'));
      const npx = page === 'README.md' ? { npx: 'real' as const } : {};
      const { code, stderr } = await installed.shell(withOwnPort(block), { place, ...npx });
      // `head` leaves first; a shell with pipefail shows that.
      const codes = block.text.includes('| head') ? [0, 128 + 13] : [0];
      expect(codes, stderr).toContain(code);
    });
  },
);
