import { describe, it } from 'vitest';
import { provideFuzzEngine } from './fuzz-engine.ts';

/** A `describe` that needs the fuzzer: without it one skipped test that says so; with ELASTREAM_CI set, a failure. */
export async function describeWithFuzzEngine(name: string, body: (engine: readonly string[]) => void): Promise<void> {
  const engine = await provideFuzzEngine({ fetch: false }).catch((error: Error) => error);
  if (!(engine instanceof Error)) describe(name, () => body(engine));
  else if (process.env.ELASTREAM_CI === undefined) {
    it.skip(`${name} (skipped: the fuzzer is not here: it needs npm and, before glibc 2.38, Debian's apt-get)`);
  } else {
    it(name, () => {
      throw new Error(`${engine.message}; CI must have it (unset ELASTREAM_CI to skip)`);
    });
  }
}
