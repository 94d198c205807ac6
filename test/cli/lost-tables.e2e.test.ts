import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { openEmbeddedResultStore } from '../../src/cli/embedded-result-store.ts';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { eventsInLog, startCampaign } from '../support/campaign-process.ts';
import { chdbCommand, chdbWorkerScript, MISSING_CHDB } from '../support/chdb.ts';
import { itUnless } from '../support/needs.ts';
import { storedTables } from '../support/run-content.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

const { members } = TOPICS;

describeWithLightGbm('tables of a directory', () => {
  const campaign = tinyCampaign({ edit: (yaml) => `${yaml}  delay_seconds: 2\n` });
  afterAll(() => campaign.remove());
  const results = join(campaign.directory, 'results');
  const copy = join(campaign.directory, '..', 'copy');
  const start = () => startCampaign([campaign.file, '--dir', campaign.directory, '--no-report']);

  async function dropped(...tables: readonly string[]): Promise<void> {
    const store = await openEmbeddedResultStore(results, { workerScript: chdbWorkerScript() });
    for (const table of tables) await chdbCommand(results, `DROP TABLE ${table} SYNC`);
    await store.close();
  }

  itUnless(
    MISSING_CHDB,
    'that were dropped, at rest or while it runs, or restored from an old copy are filled again without a rebuild',
    async () => {
      const first = start();
      await eventsInLog(first, campaign.directory, members.name, 5);
      // The next row for it finds it missing.
      await chdbCommand(results, 'DROP TABLE stored_members SYNC');
      await chdbCommand(results, 'DROP TABLE stored_selections SYNC');
      const { code, stderr } = await first.ended;
      expect(code, stderr).toBe(0);
      const whole = await storedTables(campaign.directory);
      const empty = Object.keys(whole).filter((name) => whole[name]!.length === 0);
      expect([Object.keys(whole).length, empty]).toEqual([10, ['calibrations', 'rejections']]);
      expect(whole.members!.length).toBe(3 * 3 * 2);

      await dropped('stored_rounds', 'stored_predictions');
      cpSync(results, copy, { recursive: true });
      const again = await start().ended;
      expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('has been stored again') });
      expect(await storedTables(campaign.directory)).toEqual(whole);

      rmSync(results, { recursive: true });
      cpSync(copy, results, { recursive: true });
      expect(await start().ended).toMatchObject({ code: 0 });
      expect(await storedTables(campaign.directory)).toEqual(whole);
      // Nothing is lacking any more.
      const last = await start().ended;
      expect(last.stderr).not.toContain('stored again');
    },
  );
});
