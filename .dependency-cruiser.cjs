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
      name: 'the-small-files-know-nothing',
      comment: 'The files of src/ itself are below every room; main.ts alone is above.',
      severity: 'error',
      from: { path: '^src/[^/]+$', pathNot: '^src/main\\.ts$' },
      to: { path: '^src/[^/]+/' },
    },
    {
      name: 'log-knows-nothing',
      severity: 'error',
      from: { path: '^src/log/' },
      to: { path: '^src/[^/]+/', pathNot: '^src/log/' },
    },
    {
      name: 'config-starts-nothing',
      comment: 'Configuration is read and checked before anything is connected.',
      severity: 'error',
      from: { path: '^src/config/' },
      to: {
        path: '^src/(stage|commands|http|collector|generator)/|^node_modules/kafkajs',
      },
    },
    {
      name: 'stage-is-not-a-command',
      comment: 'A run is composed in src/stage; commands start it.',
      severity: 'error',
      from: { path: '^src/stage/' },
      to: { path: '^src/(commands|collector|generator)/' },
    },
    // src/sources: Avro datums out of Kafka and files.
    {
      name: 'sources-know-no-ipfix',
      comment: 'src/sources passes Avro bytes on and does not know what they become.',
      severity: 'error',
      from: { path: '^src/sources' },
      to: {
        path: '^src/(ipfix|pipeline|commands|stage|config|http|collector|generator)',
      },
    },
    {
      name: 'the-contract-of-the-sources-knows-no-source',
      severity: 'error',
      from: { path: '^src/sources/[^/]+$' },
      to: { path: '^src/sources/[^/]+/|^node_modules/' },
    },
    {
      name: 'records-know-no-kafkajs',
      comment: 'Record batches are octets: who fetched them does not matter.',
      severity: 'error',
      from: { path: '^src/sources/records/' },
      to: { path: '^src/sources/[^/]+/|^node_modules/kafkajs', pathNot: '^src/sources/records/' },
    },
    {
      name: 'schemas-know-no-records',
      severity: 'error',
      from: { path: '^src/sources/schemas/' },
      to: { path: '^src/sources/[^/]+/|^node_modules/kafkajs', pathNot: '^src/sources/schemas/' },
    },
    {
      name: 'files-know-no-kafka',
      severity: 'error',
      from: { path: '^src/sources/file/' },
      to: {
        path: '^src/sources/(kafka|kafkajs|datums|schemas|dead-letters)/|^node_modules/kafkajs',
      },
    },
    {
      name: 'datums-know-no-kafkajs',
      severity: 'error',
      from: { path: '^src/sources/datums/' },
      to: { path: '^src/sources/(kafka|kafkajs|dead-letters)/|^node_modules/kafkajs' },
    },
    {
      name: 'kafkajs-knows-octets-only',
      comment: 'The seam into kafkajs takes record sets out of it; it reads none.',
      severity: 'error',
      from: { path: '^src/sources/kafkajs/' },
      to: { path: '^src/sources/(kafka|datums|schemas|file|dead-letters)/' },
    },
    {
      name: 'group-and-dead-letters-apart',
      severity: 'error',
      from: { path: '^src/sources/kafka/' },
      to: { path: '^src/sources/(file|dead-letters)/' },
    },
    {
      name: 'dead-letters-and-group-apart',
      severity: 'error',
      from: { path: '^src/sources/dead-letters/' },
      to: { path: '^src/sources/(file|kafka|datums|records|schemas)/' },
    },
    // src/pipeline: mapping → templates → painting → frames → sending.
    {
      name: 'pipeline-sees-only-deliveries',
      comment: 'src/pipeline takes Deliveries and returns offsets; the consumer stays behind them.',
      severity: 'error',
      from: { path: '^src/pipeline' },
      to: {
        path: '^src/(sources|commands|stage|config|http|collector|generator)',
        pathNot: '^src/sources/(delivery|dead-letter)\\.ts$',
      },
    },
    {
      name: 'rooms-know-no-worker',
      comment: 'worker.ts and pipeline.ts wire the rooms of src/pipeline; no room knows them.',
      severity: 'error',
      from: { path: '^src/pipeline/[^/]+/' },
      to: { path: '^src/pipeline/[^/]+$' },
    },
    {
      name: 'mapping-knows-no-frames',
      severity: 'error',
      from: { path: '^src/pipeline/mapping/' },
      to: { path: '^src/pipeline/[^/]+/', pathNot: '^src/pipeline/mapping/' },
    },
    {
      name: 'templates-know-only-mapping',
      severity: 'error',
      from: { path: '^src/pipeline/templates/' },
      to: { path: '^src/pipeline/[^/]+/', pathNot: '^src/pipeline/(templates|mapping)/' },
    },
    {
      name: 'frames-know-no-sending',
      comment: 'What is in flight knows neither who paints into it nor who sends it.',
      severity: 'error',
      from: { path: '^src/pipeline/frames/' },
      to: { path: '^src/pipeline/[^/]+/', pathNot: '^src/pipeline/(frames|templates)/' },
    },
    {
      name: 'painting-knows-no-sending',
      severity: 'error',
      from: { path: '^src/pipeline/painting/' },
      to: { path: '^src/pipeline/(sending|options)/' },
    },
    {
      name: 'bad-events-know-no-painting',
      severity: 'error',
      from: { path: '^src/pipeline/bad-events/' },
      to: { path: '^src/pipeline/(painting|templates|sending|options)/' },
    },
    {
      name: 'sending-knows-no-painting',
      comment: 'What is sent are sealed Frames and Templates; no event and no mapping.',
      severity: 'error',
      from: { path: '^src/pipeline/sending/' },
      to: {
        path: '^src/pipeline/(mapping|painting|bad-events|options)/|^src/(avro|sources)/',
      },
    },
    {
      name: 'options-know-no-painting',
      severity: 'error',
      from: { path: '^src/pipeline/options/' },
      to: { path: '^src/pipeline/(painting|bad-events)/|^src/(avro|sources)/' },
    },
    {
      name: 'http-is-given-snapshots',
      comment:
        'src/http shows the snapshots that it is given: of the rooms that make them it takes types, the empty account, and what is a kind and a reason.',
      severity: 'error',
      from: { path: '^src/http' },
      to: {
        path: '^(src/(sources|pipeline|commands|stage|collector|generator)|node_modules/(kafkajs|rxjs|pino))',
        pathNot:
          '^src/(sources/(source-snapshot|dead-letter)|pipeline/(pipeline-snapshot|bad-events/recent-bad-events|frames/(ledger|discard-reasons|losses)|sending/(histogram|session)|templates/active-templates))\\.ts$',
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'src-needs-no-demo-and-no-test-code',
      severity: 'error',
      from: { path: '^src' },
      to: { path: '^(demo|test|bench|scripts)' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
