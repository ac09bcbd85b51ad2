// Writes docs/licences.md: every package that an installation brings, by package-lock.json, with the
// copyright lines of its licence file.
//   node scripts/generate-licences.ts

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Its place below the checkout. */
  readonly folder: string;
}

interface LockEntry {
  readonly version: string;
  readonly license?: string;
  readonly dev?: true;
}

const root = new URL('../', import.meta.url);
const target = new URL('docs/licences.md', root);

const introduction = `<!-- Generated from package-lock.json by scripts/generate-licences.ts; edits here are lost. -->

# Licences

This page lists what an installation contains in addition to the program itself, which is under the
[Apache License 2.0](../LICENSE). The full text of each licence is in the package's folder, both in
\`node_modules\` and in the container image. [dependencies.md](dependencies.md) explains why each is needed. For
a bill of materials, run \`npm run sbom\`.

| package | version | licence | copyright |
| --- | --- | --- | --- |
`;

/** All but the packages of development, in the lock's order. */
export function installedPackages(): InstalledPackage[] {
  const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  return Object.entries(packages).flatMap(([folder, { version, license, dev }]) =>
    folder === '' || dev === true
      ? []
      : [
          {
            name: folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length),
            version,
            licence: license ?? 'none said',
            folder,
          },
        ],
  );
}

/** The lines that say whose it is; what is left in a text's template is no name. */
function copyrightOf({ folder }: InstalledPackage): string {
  const place = new URL(`${folder}/`, root);
  const files = existsSync(place) ? readdirSync(place) : [];
  const lines = files
    .filter((file) => /^(licen[cs]e|copying)/i.test(file))
    .flatMap((file) => readFileSync(new URL(file, place), 'utf8').split('\n'))
    .map((line) => line.trim())
    .filter(
      (line) => /^copyright .*\d{4}|^copyright \(c\) \w/i.test(line) && !/\[yyyy\]/.test(line),
    );
  return [...new Set(lines)].join('; ');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/[<>]/g, '');

/** What docs/licences.md must hold. */
export async function generateLicences(): Promise<string> {
  const rows = installedPackages().map((one) => {
    const cells = [one.name, one.version, one.licence, copyrightOf(one)];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  const filepath = fileURLToPath(target);
  return format(`${introduction}${rows.join('\n')}\n`, {
    ...(await resolveConfig(filepath)),
    filepath,
  });
}

if (import.meta.main) writeFileSync(target, await generateLicences());
