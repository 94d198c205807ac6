import { mkdtemp, rmdir, statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Finding } from './finding.ts';

const GIBIBYTE = 2 ** 30;
/** What the quickstart needs. */
const MEMORY_MIN_GIB = 2;
const DISK_MIN_GIB = 1;
const NODE_MIN: readonly [number, number] = [20, 19];

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return finding('Node.js', ok, version, `install ${NODE_MIN.join('.')} or later`);
}

export function checkCores(): Finding {
  const cores = availableParallelism();
  return finding('cores', true, `${cores}: as many models train side by side`, '');
}

export function checkMemory(): Finding {
  const [total, free] = [totalmem() / GIBIBYTE, freemem() / GIBIBYTE];
  const what = `${total.toFixed(1)} GiB, ${free.toFixed(1)} GiB of it free`;
  return finding('memory', total >= MEMORY_MIN_GIB, what, `the quickstart needs ${MEMORY_MIN_GIB} GiB`);
}

/** Tried, because access rights do not tell of read-only file systems and quotas. */
export async function checkFolder(folder: string): Promise<Finding> {
  try {
    await rmdir(await mkdtemp(join(folder, '.elastream-doctor-')));
    return finding('folder', true, `${folder} can be written`, '');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      return finding('folder', false, `there is no folder ${folder}`, 'create it, or name another');
    return finding('folder', false, `${folder} cannot be written (${message})`, 'name another with --dir');
  }
}

export async function checkDisk(folder: string): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(folder);
    const free = (bavail * bsize) / GIBIBYTE;
    const what = `${free.toFixed(1)} GiB free in ${folder === '.' ? 'this folder' : folder}`;
    return finding('disk', free >= DISK_MIN_GIB, what, `a campaign needs ${DISK_MIN_GIB} GiB`);
  } catch (error) {
    return finding(
      'disk',
      false,
      `the free space of ${folder} is not known (${(error as Error).message})`,
      'see folder',
    );
  }
}

function finding(part: string, ok: boolean, what: string, remedy: string): Finding {
  return ok ? { part, state: 'ok', message: what } : { part, state: 'missing', message: `${what}; ${remedy}` };
}
