import { provideNatsServer } from '../../deploy/local/nats/nats-server-binary.ts';
import { provideLightGbmLibrary } from '../../src/adapters/lightgbm/provide-library.ts';
import { provideFuzzEngine } from './fuzz/fuzz-engine.ts';
import { providePythonPackages } from './python-packages.ts';

/** Downloads what the tests need and no package contains; if that fails, the tests that need it are skipped by name. */
export async function setup(): Promise<void> {
  const notProvided = (error: Error) => void process.stderr.write(`not provided: ${error.message}\n`);
  await provideLightGbmLibrary().catch(notProvided);
  await provideNatsServer().catch((error) => notProvided(new Error(`nats-server: ${error.message}`)));
  await provideFuzzEngine().catch((error) => notProvided(new Error(`the fuzzer: ${error.message}`)));
  const packages = (error: Error) => notProvided(new Error(`packages of Python: ${error.message}`));
  await providePythonPackages('client').catch(packages);
  // Large, and not what most changes need.
  if (process.env.ELASTREAM_CI !== undefined) await providePythonPackages('peers').catch(packages);
}
