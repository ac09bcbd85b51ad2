// Prints a bill of materials (CycloneDX) of an installation: npm's own, without the packages of
// development. npm's `--omit dev` is of no use for that: it also leaves out what development and the
// program both need.
//   node scripts/sbom.ts > sbom.json

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installedPackages } from './generate-licences.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
}

interface Bom {
  readonly metadata: { component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const root = fileURLToPath(new URL('../', import.meta.url));
const { name } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { name: string };

const said = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
});
const bom = JSON.parse(said) as Bom;
const own = bom.metadata.component['bom-ref'];
const installed = new Set([
  own,
  ...installedPackages().map(({ name, version }) => `${name}@${version}`),
]);
const isInstalled = (ref: string): boolean => installed.has(ref);

const ofInstallation: Bom = {
  ...bom,
  // npm takes the folder's name for the package's.
  metadata: { ...bom.metadata, component: { ...bom.metadata.component, name } },
  components: bom.components.filter((component) => isInstalled(component['bom-ref'])),
  dependencies: bom.dependencies
    .filter(({ ref }) => isInstalled(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isInstalled) })),
};
process.stdout.write(`${JSON.stringify(ofInstallation, undefined, 2)}\n`);
