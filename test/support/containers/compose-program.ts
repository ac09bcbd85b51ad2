// Docker Compose, made of its Go module: many machines have it in no package.

import { join } from 'node:path';
import { goProgram } from '../processes/go-program.ts';

const sources = join(import.meta.dirname, '..', '..', 'containers', 'compose-plugin');

/** The program's path; built first where it is missing, which takes some minutes. */
export const composeProgram = (): Promise<string> => goProgram('docker-compose', sources);
