import type { KnipConfig } from 'knip';

/** What a process starts with, and what `new Worker(new URL(...))` names, which no import shows. */
const SHIPPED = ['src/cli/main.ts!', 'services/*/main.ts!', '{src,services}/**/*-worker.ts!'];
const BESIDE = [
  'deploy/local/cluster.ts',
  'deploy/kubernetes/kubernetes.ts',
  'deploy/kubernetes/provide.ts',
  'bench/*.{ts,mjs}',
  'tools/*.{ts,mjs}',
  'test/simulation/simulate.ts',
  'test/fuzz/**/*.mjs',
  'test/support/runs/read-each.ts',
];

/**
 * What nothing uses goes. `knip` looks at everything; `knip --production` leaves out tests, benches and tools, and so
 * finds what they alone keep alive. An export that its own file needs may be tested from outside.
 */
const config = ({ production = false }): KnipConfig => ({
  entry: [...SHIPPED, ...BESIDE],
  project: ['{src,services}/**/*.ts!', '{bench,deploy,tools,test}/**/*.{ts,mjs}'],
  ignore: ['src/protocol/generated/**'],
  ignoreExportsUsedInFile: production,
  // Named by path where it is looked for, since it may be absent.
  ignoreDependencies: ['chdb'],
  // Programs of the machine.
  ignoreBinaries: ['apt-get', 'cc', 'fish', 'g\\+\\+', 'java', 'openssl', 'promtool', 'script'],
});

export default config;
