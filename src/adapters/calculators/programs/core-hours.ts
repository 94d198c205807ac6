import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessUnwritable } from './run-folder.ts';

/*
 * What a campaign has used of its budget, kept beside its runs so that every service that shares the folder counts the
 * same: one empty file per run, whose name ends with the core-seconds. A run counts once, however often it is noted.
 */

const READ_EVERY_MS = 5_000;

export interface CoreHours {
  spent(campaign: string): Promise<number>;
  note(campaign: string, job: string, coreSeconds: number): Promise<void>;
}

export function createCoreHours(runDir: string, monotonic: () => number): CoreHours {
  const known = new Map<string, { readonly atMs: number; readonly coreSeconds: Map<string, number> }>();
  const folderOf = (campaign: string) => join(runDir, 'spent', campaign);

  async function read(campaign: string) {
    const last = known.get(campaign);
    if (last && monotonic() - last.atMs < READ_EVERY_MS) return last.coreSeconds;
    const names = await readdir(folderOf(campaign)).catch(() => []);
    const coreSeconds = new Map<string, number>();
    for (const name of names) {
      const [, job, seconds] = /^(.+)[.](\d+)$/.exec(name) ?? [];
      if (job !== undefined) coreSeconds.set(job, Math.max(Number(seconds), coreSeconds.get(job) ?? 0));
    }
    known.set(campaign, { atMs: monotonic(), coreSeconds });
    return coreSeconds;
  }

  return {
    async spent(campaign) {
      return [...(await read(campaign)).values()].reduce((sum, seconds) => sum + seconds, 0) / 3_600;
    },
    async note(campaign, job, coreSeconds) {
      const all = await read(campaign);
      if (all.has(job)) return;
      const seconds = Math.ceil(coreSeconds);
      await unlessUnwritable(folderOf(campaign), async () => {
        await mkdir(folderOf(campaign), { recursive: true });
        await writeFile(join(folderOf(campaign), `${job}.${seconds}`), '');
      });
      all.set(job, seconds);
    },
  };
}
