import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { hasNewerGlibc, newerGlibc, nodeWithNewerGlibc, unpackNewerGlibc } from './newer-glibc.ts';

const ENGINE = resolve(import.meta.dirname, '../../fuzz/engine');
const LOCKED = ['package.json', 'package-lock.json'];

/**
 * The command and first arguments of the coverage-guided fuzzer: Jazzer.js, which drives LLVM's libFuzzer.
 * @param fetch whether to download what the user's cache lacks
 */
export async function provideFuzzEngine({ fetch = true } = {}): Promise<readonly string[]> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'elastream');
  const version = createHash('sha256')
    .update(readFileSync(join(ENGINE, 'package-lock.json')))
    .digest('hex');
  const installed = join(cache, `fuzz-engine-${version.slice(0, 16)}`);
  const provided = async (folder: string, make: () => Promise<void>) => {
    if (existsSync(folder)) return;
    if (!fetch) throw new Error(`there is no ${folder}`);
    await make();
  };
  await provided(installed, () => install(cache, installed));
  const node = hasNewerGlibc() ? [process.execPath] : nodeWithNewerGlibc(cache);
  if (!hasNewerGlibc()) await provided(newerGlibc(cache), () => unpackNewerGlibc(cache));
  return [...node, join(installed, 'node_modules/@jazzer.js/core/dist/cli.js')];
}

/** Installs completely or not at all: if another process was faster, this one discards its own copy. */
async function install(cache: string, installed: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fuzz-engine-fetching-'));
  try {
    for (const file of LOCKED) copyFileSync(join(ENGINE, file), join(work, file));
    // The package contains the engine's binary, so its install scripts, which would build it, are not needed.
    const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
    await promisify(execFile)('npm', words, { cwd: work, timeout: 300_000 });
    if (!existsSync(installed)) renameSync(work, installed);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
