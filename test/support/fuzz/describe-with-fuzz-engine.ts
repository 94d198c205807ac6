import { describeUnless } from '../needs.ts';
import { provideFuzzEngine } from './fuzz-engine.ts';

/** A `describe` that needs the fuzzer. */
export async function describeWithFuzzEngine(name: string, body: (engine: readonly string[]) => void): Promise<void> {
  const engine = await provideFuzzEngine({ fetch: false }).catch((error: Error) => error);
  if (!(engine instanceof Error)) describeUnless(undefined, name, () => body(engine));
  else
    describeUnless(`the fuzzer needs npm and, before glibc 2.38, Debian's apt-get: ${engine.message}`, name, () => {});
}
