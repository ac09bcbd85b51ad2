// Where the programs of others are on this machine, if they are.

import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A tool is a program, or a package of Python as `python3-NAME`, Debian's word for it. */
export function missingTools(tools: readonly string[]): string[] {
  return tools.filter((tool) => {
    const [, pythonPackage] = /^python3-(.+)$/.exec(tool) ?? [];
    const found = pythonPackage === undefined ? toolPath(tool) : pythonWith(pythonPackage);
    return found === undefined;
  });
}

/** Beside the PATH: where `go install` puts programs, and where Debian puts daemons. */
const toolFolders = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  process.env['GOBIN'] ?? join(process.env['GOPATH'] ?? join(homedir(), 'go'), 'bin'),
  '/usr/sbin',
];

export function toolPath(tool: string): string | undefined {
  return toolFolders.map((folder) => join(folder, tool)).find(isProgram);
}

/** A Python that has the package: that on the PATH may be another than the system's. */
export function pythonWith(pythonPackage: string): string | undefined {
  return [toolPath('python3'), '/usr/bin/python3'].find((python) => {
    if (python === undefined || !isProgram(python)) return false;
    try {
      execFileSync(python, ['-c', `import ${pythonPackage}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
