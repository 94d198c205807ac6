import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { openEmbeddedResultStore } from '../../src/cli/embedded-result-store.ts';
import { predictions } from '../contract/result-store.contract.ts';
import { startCampaign } from '../support/campaign-process.ts';
import { chdbWorkerScript, MISSING_CHDB } from '../support/chdb.ts';
import { runCli } from '../support/cli.ts';
import { describeUnless } from '../support/needs.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';
import { programWithoutChdb } from '../support/without-chdb.ts';

const folder = mkdtempSync(join(tmpdir(), 'elastream-sql-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const BATCH = { campaign: 'c', round: 1, epoch: 1, snapshotHash: 'h1:00', partitions: [0, 1, 2] };

describeUnless(MISSING_CHDB, 'elastream sql', () => {
  it('prints a table, beside the process that has the tables open and without it', async () => {
    const store = await openEmbeddedResultStore(join(folder, 'results'), { workerScript: chdbWorkerScript() });
    await store.storePredictions(BATCH, predictions(2000));
    const query = 'SELECT count() AS n, max(mean) AS highest FROM predictions';
    const beside = await runCli(['sql', folder, query]);
    await store.close();
    const alone = await runCli(['sql', folder, query]);
    expect(beside).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/n.*highest[\s\S]*2000 │ +1999 │/),
    });
    expect(alone).toEqual(beside);
  });

  it('prints other formats whole', async () => {
    const query = 'SELECT material_id FROM predictions ORDER BY mean';
    const { stdout } = await runCli(['sql', folder, query, '--format', 'CSVWithNames']);
    expect(stdout.split('\n').slice(0, 3)).toEqual(['"material_id"', '"mp-0"', '"mp-1"']);
    expect(stdout.trimEnd().split('\n').length).toBe(2001);
  });

  it('says what is wrong with the query, and where there are no tables', async () => {
    const wrong = await runCli(['sql', folder, 'SELECT nothing FROM predictions']);
    expect(wrong).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^elastream: the query failed: .*nothing.*UNKNOWN_IDENTIFIER/),
    });
    expect(wrong.stderr.trimEnd().split('\n').length).toBe(1);
    mkdirSync(join(folder, 'empty'));
    const none = await runCli(['sql', join(folder, 'empty'), 'SELECT 1']);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('has no tables to ask') });
  });

  it('stops at Ctrl-C', async () => {
    const result = await runCli(['sql', folder, 'SELECT count() FROM numbers(1000000000000)'], {
      signalAfter: { ms: 2500 },
    });
    expect(result.code).toBe(130);
  });
});

describeUnless(MISSING_CHDB, 'elastream sql', () => {
  describeWithLightGbm('of a campaign', () => {
    const tiny = tinyCampaign({ rounds: 1, edit: (yaml) => `${yaml}  delay_seconds: 4\n` });
    afterAll(() => tiny.remove());

    it('answers while the campaign runs, through its process, and after its end', async () => {
      const query = 'SELECT round, count() AS partitions FROM prediction_partitions GROUP BY round ORDER BY round';
      const ask = () => runCli(['sql', tiny.directory, query, '--format', 'CSV']);
      const running = startCampaign([tiny.file, '--dir', tiny.directory, '--no-report', '-q']);
      await expect.poll(ask, { timeout: 90_000 }).toMatchObject({ code: 0, stdout: '1,64\n', stderr: '' });
      expect(running.process.exitCode).toBeNull();
      // No second engine may have the tables: the lock is the other process's.
      const second = openEmbeddedResultStore(join(tiny.directory, 'results'), { workerScript: chdbWorkerScript() });
      await expect(second).rejects.toMatchObject({ code: 'storage_locked' });
      expect((await running.ended).code).toBe(0);
      expect(await ask()).toMatchObject({ code: 0, stdout: '1,64\n2,64\n', stderr: '' });
    });

    it('says what to install where chdb is missing', async () => {
      const scratch = scratchDirectory();
      const { code, stdout, stderr } = programWithoutChdb(scratch.path)(['sql', tiny.directory, 'SELECT 1']);
      await scratch.remove();
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toBe(
        "elastream: SQL queries need the optional package chdb (550 MB): install it with 'npm install chdb@3.4'\n",
      );
    });
  });
});
