// The first thing that main.ts imports: Node.js has to allow code that is made at run time. avsc makes
// some while it is loaded; after that nothing could be said any more.

import { exitCode } from './exit-code.ts';

try {
  Reflect.construct(Function, ['']);
} catch {
  process.stderr.write(
    'kafka2ipfix: 1 fault in the configuration:\n' +
      '  NODE_OPTIONS: --disallow-code-generation-from-strings forbids the code that is made for each ' +
      'Avro schema; remove it, here or on the command line of node\n',
  );
  process.exit(exitCode.config);
}
