// The import arrows of the design, checked by `npm run arrows` and in CI.
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'ipfix-knows-nothing',
      comment:
        'src/ipfix is RFC 7011/7012 alone: buffers and times are arguments. No npm package, no node: module, no other folder.',
      severity: 'error',
      from: { path: '^src/ipfix' },
      to: { pathNot: '^src/ipfix' },
    },
    {
      name: 'avro-knows-nothing',
      comment: 'src/avro is the Avro specification alone.',
      severity: 'error',
      from: { path: '^src/avro' },
      to: { pathNot: '^src/avro' },
    },
    {
      name: 'sources-know-no-ipfix',
      comment: 'src/sources hands on Avro bytes; what becomes of them is not its business.',
      severity: 'error',
      from: { path: '^src/sources' },
      to: { path: '^src/(ipfix|pipeline|commands|http|collector|generator|broker|demo)' },
    },
    {
      name: 'pipeline-sees-only-deliveries',
      comment: 'src/pipeline takes Deliveries and gives offsets; the consumer stays behind them.',
      severity: 'error',
      from: { path: '^src/pipeline' },
      to: {
        path: '^src/(sources|commands|http|collector|generator|broker|demo)',
        pathNot: '^src/sources/(delivery|dead-letter)\\.ts$',
      },
    },
    {
      name: 'http-is-given-snapshots',
      comment:
        'src/http shows what it is told; of the rooms that tell it takes types, and the empty account.',
      severity: 'error',
      from: { path: '^src/http' },
      to: {
        path: '^(src/(sources|pipeline|commands|collector|generator|broker|demo)|node_modules/(kafkajs|rxjs|pino))',
        pathNot:
          '^src/(sources/source-snapshot|pipeline/(pipeline-snapshot|histogram|ledger|session|discard-reasons|active-templates))\\.ts$',
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'src-needs-no-test-code',
      severity: 'error',
      from: { path: '^src' },
      to: { path: '^(test|bench|scripts)' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
