import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseOptions, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';
import extractDepcruiseConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A small tree that breaks every rule: what each file imports (nothing: a file that is only imported). */
const OFFENDERS: Record<string, string[]> = {
  'src/model/a.ts': ['src/kernels/a.ts'],
  'src/model/sha256.ts': ['node:fs'],
  'src/kernels/a.ts': ['src/featurizers/a.ts', 'node:fs', 'node:crypto'],
  'src/formats/a.ts': ['src/kernels/a.ts'],
  'src/featurizers/a.ts': ['src/learning/a.ts', 'listed'],
  'src/learning/a.ts': ['src/ports/log.ts', 'src/adapters/kafka/log.ts'],
  'src/learning/cycle.ts': ['src/learning/a.ts', 'src/learning/cycle-back.ts'],
  'src/learning/cycle-back.ts': ['src/learning/cycle.ts'],
  'src/calculations/code.ts': ['src/learning/a.ts', 'node:fs'],
  'src/campaign-file/schema.ts': ['src/protocol/codec.ts'],
  'src/protocol/codec.ts': ['src/runtime/loop.ts'],
  'src/ports/log.ts': ['src/runtime/loop.ts'],
  'src/runtime/loop.ts': ['src/kernels/a.ts', 'value src/ports/log.ts', 'src/reading/fold.ts'],
  'src/reading/fold.ts': ['services/two/handler.ts', 'src/adapters/kafka/log.ts'],
  'src/report/page.ts': ['src/runtime/loop.ts', 'node:fs', 'listed'],
  'src/report/charts/bars.ts': ['listed'],
  'src/text/line.ts': ['src/report/charts/bars.ts'],
  'src/adapters/kafka/log.ts': ['src/kernels/a.ts', 'src/adapters/nats/lease.ts'],
  'src/adapters/nats/lease.ts': ['dev-only', 'accidental', 'src/model/nowhere.ts'],
  'src/runtime/orphan.ts': [],
  'src/cli/main.ts': ['src/cli/command.ts'],
  'src/cli/command.ts': ['src/model/a.ts', 'test/support/world.ts', 'bench/b.ts', 'deploy/local/servers.ts'],
  'src/cli/rows-worker.ts': ['src/model/a.ts'],
  'services/one/handler.ts': ['src/kernels/a.ts', 'services/two/handler.ts', 'src/cli/command.ts'],
  'services/two/handler.ts': ['src/model/a.ts', 'services/two/main.ts'],
  'services/embedded/embedded.ts': ['src/learning/a.ts'],
  'services/wiring/parts.ts': ['services/two/handler.ts'],
  'services/three/handler.ts': ['services/wiring/parts.ts'],
  'services/two/main.ts': ['services/two/handler.ts'],
  'bench/b.ts': ['src/cli/rows-worker.ts'],
  'deploy/local/servers.ts': ['test/support/world.ts'],
  'test/a.test.ts': ['src/model/a.ts'],
  'test/b.test.ts': ['test/a.test.ts'],
  'test/support/world.ts': ['src/model/a.ts'],
};

/** Every violation that the tree must show; a rule that is missing here or there is not proven. */
const VIOLATIONS = [
  'model-layer: src/model/a.ts -> src/kernels/a.ts',
  'kernels-layer: src/kernels/a.ts -> src/featurizers/a.ts',
  'formats-layer: src/formats/a.ts -> src/kernels/a.ts',
  'featurizers-layer: src/featurizers/a.ts -> src/learning/a.ts',
  'learning-layer: src/learning/a.ts -> src/ports/log.ts',
  'learning-layer: src/learning/a.ts -> src/adapters/kafka/log.ts',
  'calculations-layer: src/calculations/code.ts -> src/learning/a.ts',
  'pure-without-node: src/calculations/code.ts -> fs',
  'campaign-file-layer: src/campaign-file/schema.ts -> src/protocol/codec.ts',
  'protocol-layer: src/protocol/codec.ts -> src/runtime/loop.ts',
  'ports-layer: src/ports/log.ts -> src/runtime/loop.ts',
  'runtime-layer: src/runtime/loop.ts -> src/kernels/a.ts',
  'runtime-layer: src/runtime/loop.ts -> src/reading/fold.ts',
  'reading-layer: src/reading/fold.ts -> services/two/handler.ts',
  'reading-layer: src/reading/fold.ts -> src/adapters/kafka/log.ts',
  'report-layer: src/report/page.ts -> src/runtime/loop.ts',
  'pure-without-node: src/report/page.ts -> fs',
  'pure-without-packages: src/report/page.ts -> node_modules/listed/index.js',
  'charts-have-plot-alone: src/report/charts/bars.ts -> node_modules/listed/index.js',
  'text-layer: src/text/line.ts -> src/report/charts/bars.ts',
  'adapters-layer: src/adapters/kafka/log.ts -> src/kernels/a.ts',
  'one-technology-per-adapter: src/adapters/kafka/log.ts -> src/adapters/nats/lease.ts',
  'ports-are-types: src/runtime/loop.ts -> src/ports/log.ts',
  'handler-layer: services/one/handler.ts -> src/kernels/a.ts',
  'handler-layer: services/one/handler.ts -> services/two/handler.ts',
  'handler-layer: services/one/handler.ts -> src/cli/command.ts',
  'handler-layer: services/three/handler.ts -> services/wiring/parts.ts',
  'wiring-knows-no-handler: services/wiring/parts.ts -> services/two/handler.ts',
  'only-mains-are-wired: services/three/handler.ts -> services/wiring/parts.ts',
  'only-a-main-names-adapters: src/learning/a.ts -> src/adapters/kafka/log.ts',
  'embedded-joins-handlers: services/embedded/embedded.ts -> src/learning/a.ts',
  'not-to-main: services/two/handler.ts -> services/two/main.ts',
  'not-to-main: bench/b.ts -> src/cli/rows-worker.ts',
  'not-to-cli: services/one/handler.ts -> src/cli/command.ts',
  'not-to-cli: bench/b.ts -> src/cli/rows-worker.ts',
  'pure-without-node: src/kernels/a.ts -> fs',
  'pure-without-node: src/kernels/a.ts -> crypto',
  'sha256-has-crypto-alone: src/model/sha256.ts -> fs',
  'pure-without-packages: src/featurizers/a.ts -> node_modules/listed/index.js',
  'no-cycle: src/learning/cycle-back.ts -> src/learning/cycle.ts',
  'no-dead-module: src/runtime/orphan.ts -> src/runtime/orphan.ts',
  'no-orphan: src/runtime/orphan.ts -> src/runtime/orphan.ts',
  'no-unresolvable: src/adapters/nats/lease.ts -> ../../../src/model/nowhere.ts',
  'not-to-dev-dependency: src/adapters/nats/lease.ts -> node_modules/dev-only/index.js',
  'not-to-unlisted-package: src/adapters/nats/lease.ts -> node_modules/accidental/index.js',
  'not-to-test: src/cli/command.ts -> test/support/world.ts',
  'not-to-deploy: src/cli/command.ts -> deploy/local/servers.ts',
  'deploy-needs-no-test: deploy/local/servers.ts -> test/support/world.ts',
  'not-to-bench: src/cli/command.ts -> bench/b.ts',
  'not-to-spec: test/b.test.ts -> test/a.test.ts',
];

/** A tree that uses every permitted direction once. */
const LAWFUL: Record<string, string[]> = {
  'src/model/a.ts': ['src/model/sha256.ts'],
  'src/model/sha256.ts': ['node:crypto'],
  'src/kernels/a.ts': ['src/model/a.ts'],
  'src/featurizers/a.ts': ['src/kernels/a.ts', 'src/model/a.ts'],
  'src/learning/a.ts': ['src/featurizers/a.ts', 'src/kernels/a.ts', 'src/model/a.ts'],
  'src/protocol/codec.ts': ['src/learning/a.ts', 'src/featurizers/a.ts', 'src/model/a.ts', 'listed'],
  'src/calculations/code.ts': ['src/formats/a.ts', 'src/kernels/a.ts', 'src/model/a.ts', 'src/ports/log.ts'],
  'src/campaign-file/schema.ts': ['src/learning/a.ts', 'src/featurizers/a.ts', 'src/model/a.ts', 'listed'],
  'src/ports/log.ts': ['src/model/a.ts'],
  'src/runtime/loop.ts': [
    'src/ports/log.ts',
    'src/protocol/codec.ts',
    'src/learning/a.ts',
    'src/featurizers/a.ts',
    'node:timers',
  ],
  'src/reading/fold.ts': [
    'src/runtime/loop.ts',
    'src/protocol/codec.ts',
    'src/ports/log.ts',
    'src/learning/a.ts',
    'src/featurizers/a.ts',
    'src/kernels/a.ts',
  ],
  'src/reading/campaign-history.ts': ['src/learning/a.ts'],
  'src/report/page.ts': [
    'src/reading/campaign-history.ts',
    'src/learning/a.ts',
    'src/featurizers/a.ts',
    'src/kernels/a.ts',
    'src/model/a.ts',
    'src/report/charts/bars.ts',
  ],
  'src/report/charts/bars.ts': ['@observablehq/plot'],
  'src/formats/a.ts': ['src/model/a.ts'],
  'src/text/line.ts': ['src/reading/fold.ts', 'src/formats/a.ts', 'src/learning/a.ts', 'src/kernels/a.ts'],
  'src/adapters/kafka/log.ts': [
    'src/ports/log.ts',
    'src/protocol/codec.ts',
    'src/formats/a.ts',
    'src/adapters/kafka/codec.ts',
    'node:fs',
  ],
  'src/adapters/kafka/codec.ts': [
    'src/model/a.ts',
    'listed',
    'src/adapters/in-process/system-clock.ts',
    'src/adapters/unix-socket/socket-path.ts',
  ],
  'src/adapters/unix-socket/socket-path.ts': ['node:net'],
  'src/adapters/in-process/system-clock.ts': ['src/ports/log.ts'],
  'src/cli/main.ts': ['src/cli/command.ts'],
  'src/cli/command.ts': [
    'src/text/line.ts',
    'src/learning/a.ts',
    'src/adapters/kafka/log.ts',
    'services/embedded/embedded.ts',
    'listed',
  ],
  'src/cli/rows-worker.ts': ['src/kernels/a.ts'],
  'services/one/handler.ts': [
    'src/ports/log.ts',
    'src/protocol/codec.ts',
    'src/runtime/loop.ts',
    'src/reading/fold.ts',
    'src/report/page.ts',
    'src/campaign-file/schema.ts',
    'src/learning/a.ts',
    'src/featurizers/a.ts',
  ],
  'services/one/main.ts': ['services/one/handler.ts', 'src/adapters/kafka/log.ts', 'src/calculations/code.ts'],
  'services/embedded/embedded.ts': ['services/one/handler.ts', 'src/protocol/codec.ts', 'src/runtime/loop.ts'],
  'bench/b.ts': ['src/kernels/a.ts', 'test/support/world.ts'],
  'deploy/local/servers.ts': ['src/adapters/kafka/log.ts'],
  'test/a.test.ts': ['src/cli/command.ts', 'test/support/world.ts', 'dev-only'],
  'test/support/world.ts': ['src/model/a.ts', 'deploy/local/servers.ts'],
};

const PACKAGES = ['listed', '@observablehq/plot', 'dev-only', 'accidental'];
const CONFIGURATION = fileURLToPath(new URL('../.dependency-cruiser.mjs', import.meta.url));
const configuration = await extractDepcruiseConfig(CONFIGURATION);
const root = mkdtempSync(join(tmpdir(), 'elastream-layers-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('the layer rules', () => {
  const found = new Set<string>();
  beforeAll(async () => {
    for (const violation of await violationsIn('offending', OFFENDERS)) found.add(violation);
  });

  it.each(VIOLATIONS)('catch %s', (violation) => expect([...found]).toContain(violation));

  it('are each proven by a violation', () => {
    const names = configuration.forbidden?.map((rule) => rule.name);
    expect([...new Set(VIOLATIONS.map((violation) => violation.split(':')[0]))].sort()).toEqual(names?.sort());
  });

  it('are what CONTRIBUTING draws', () => {
    const text = readFileSync(new URL('../CONTRIBUTING.md', import.meta.url), 'utf8');
    const drawn = [...text.matchAll(/^src\/([\w-]+) .*<- ?(.*)$/gm)].map(([, name, above]) => {
      return [name!, above!.split(' ').filter((folder) => folder !== '')] as const;
    });
    const ruled = (configuration.forbidden ?? []).flatMap((rule) => {
      const { name, to } = rule as { name?: string; to: { pathNot?: unknown } };
      const layer = /^([\w-]+)-layer$/.exec(name ?? '')?.[1];
      if (layer === undefined || layer === 'handler') return [];
      const [, folders] = /^\^src\/\((.*)\)$/.exec(String(to.pathNot))!;
      const above = folders!.split('|').map((folder) => folder.split('/')[0]!);
      return [[layer, above.filter((folder) => folder !== layer)] as const];
    });
    expect(new Map(drawn)).toEqual(new Map(ruled));
    for (const [at, [name, above]] of drawn.entries()) {
      const standAbove = drawn.slice(0, at).map(([other]) => other);
      expect(standAbove, name).toEqual(expect.arrayContaining([...above]));
    }
  });

  it('leave a lawful tree alone', async () => expect(await violationsIn('lawful', LAWFUL)).toEqual([]));

  it('say what to do', () => {
    for (const rule of configuration.forbidden ?? []) expect(rule.comment, rule.name).toMatch(/^\S.{50,}[.]$/);
  });
});

async function violationsIn(name: string, tree: Record<string, string[]>): Promise<string[]> {
  const baseDir = join(root, name);
  writeTree(baseDir, tree);
  const { tsConfig: _, ...options } = configuration.options ?? {};
  const ruleSet = { forbidden: configuration.forbidden } as IFlattenedRuleSet;
  const { output } = await cruise(['src', 'services', 'deploy', 'test', 'bench'], {
    ...(options as ICruiseOptions),
    ruleSet,
    validate: true,
    baseDir,
  });
  return (output as ICruiseResult).summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

function writeTree(baseDir: string, tree: Record<string, string[]>): void {
  const manifest = {
    type: 'module',
    dependencies: { listed: '1', '@observablehq/plot': '1' },
    devDependencies: { 'dev-only': '1' },
  };
  write(join(baseDir, 'package.json'), JSON.stringify(manifest));
  for (const name of PACKAGES) {
    write(
      join(baseDir, 'node_modules', name, 'package.json'),
      JSON.stringify({ name, type: 'module', main: 'index.js' }),
    );
    write(join(baseDir, 'node_modules', name, 'index.js'), 'export const x = 1;\n');
  }
  for (const [file, imports] of Object.entries(tree)) {
    write(join(baseDir, file), imports.map((target, i) => importLine(file, target, i)).join(''));
  }
}

/** Ports are imported as types unless the target says `value`. */
function importLine(file: string, target: string, i: number): string {
  const path = target.replace('value ', '');
  const isOurs = path.endsWith('.ts');
  const up = '../'.repeat(file.split('/').length - 1);
  const kind = path.startsWith('src/ports/') && path === target ? 'type ' : '';
  return `import ${kind}{ x as x${i} } from '${isOurs ? up : ''}${path}';\nexport const y${i} = x${i};\n`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
