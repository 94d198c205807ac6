import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { builtProgram } from '../support/cli.ts';
import { describeWithFuzzEngine } from '../support/fuzz/describe-with-fuzz-engine.ts';
import { FUZZ_TARGETS, fuzzTarget } from '../support/fuzz/run-target.ts';

/** A few seconds per target; `npm run fuzz` does a million runs. */
const RUNS = 1000;
const SEED = 1;

await describeWithFuzzEngine('fuzzing', (engine) => {
  const { path, remove } = scratchDirectory();
  afterAll(remove);
  const places = { corpus: join(path, 'corpus'), findings: join(path, 'findings') };

  it('finds a fault that chance would not meet', async () => {
    const planted = join(import.meta.dirname, 'planted/planted.fuzz.mjs');
    const run = { ...places, corpus: join(path, 'planted'), target: 'planted', path: planted };
    const { passed, report } = await fuzzTarget({ engine, ...run, runs: 1_000_000, seed: SEED });
    expect(report).toContain('Error: found');
    expect(passed).toBe(false);
  });

  it.each(FUZZ_TARGETS)('finds nothing in %s', async (target) => {
    const run = { ...places, corpus: join(places.corpus, target), target };
    const { passed, executions, report } = await fuzzTarget({
      engine,
      ...run,
      runs: RUNS,
      seed: SEED,
      dist: builtProgram(),
    });
    expect(passed, report).toBe(true);
    expect(executions).toBeGreaterThanOrEqual(RUNS);
  });
});
