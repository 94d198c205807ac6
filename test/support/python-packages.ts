import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');

/** Sets of packages: of the client in examples/python, and of the programs that our readings are compared with. */
const REQUIREMENTS = {
  client: join(ROOT, 'examples/python/requirements.txt'),
  peers: join(ROOT, 'tools/peer-requirements.txt'),
} as const;

type PackageSet = keyof typeof REQUIREMENTS;

/**
 * The folder of a set of packages, for PYTHONPATH.
 * @param fetch whether to have pip install what the user's cache lacks
 */
export async function providePythonPackages(set: PackageSet, { fetch = true } = {}): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'elastream');
  // Compiled packages belong to one version of Python.
  const python = execFileSync('python3', ['--version'], { encoding: 'utf8' });
  const wanted = createHash('sha256').update(python).update(readFileSync(REQUIREMENTS[set])).digest('hex');
  const installed = join(cache, `python-${set}-${wanted.slice(0, 16)}`);
  if (existsSync(installed)) return installed;
  if (!fetch) throw new Error(`there is no ${installed}`);
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, `python-${set}-fetching-`));
  try {
    const words = ['-m', 'pip', 'install', '--quiet', '--only-binary=:all:', '--target', work, '-r', REQUIREMENTS[set]];
    await promisify(execFile)('python3', words, { timeout: 300_000 });
    if (!existsSync(installed)) renameSync(work, installed);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return installed;
}

/** The packages, if this machine already has them; otherwise the tests that need them are skipped. */
export const pythonPackages = await providePythonPackages('client', { fetch: false }).catch(() => undefined);
export const MISSING_PYTHON =
  pythonPackages === undefined
    ? 'grpcio and pandas are not there: python3 with pip (python3-pip) fetches them'
    : undefined;

/** Large, so only CI fetches them. */
export const peerPackages = await providePythonPackages('peers', { fetch: false }).catch(() => undefined);
export const MISSING_PEERS =
  peerPackages === undefined
    ? 'pymatgen and ASE are not there: ELASTREAM_CI=1 npm test fetches them with pip'
    : undefined;
