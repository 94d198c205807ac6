import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtProgram } from '../support/cli.ts';
import { FUZZ_TARGETS } from '../support/fuzz/run-target.ts';

const CORPUS = join(import.meta.dirname, 'corpus');
process.env.ELASTREAM_DIST = builtProgram();

/** One input for each defect that fuzzing found, and for each format that was once slow somewhere. */
describe.each(FUZZ_TARGETS)('the worst inputs kept of %s', async (target) => {
  const { fuzz } = (await import(`./targets/${target}.fuzz.mjs`)) as { fuzz(bytes: Uint8Array): void };
  const inputs = readdirSync(join(CORPUS, target));

  it('are there', () => expect(inputs.length).toBeGreaterThan(0));

  it.each(inputs)('%s is read or refused in its time', (name) => {
    expect(() => fuzz(readFileSync(join(CORPUS, target, name)))).not.toThrow();
  });
});
