import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startChdbServer } from '../../src/adapters/chdb/chdb-server.ts';
import { connectClickHouse } from '../../src/adapters/clickhouse/connect.ts';
import { systemClock } from '../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../src/adapters/in-process/system-random.ts';
import { openEventLog } from '../../src/adapters/lmdb/event-log.ts';
import { openModelStore } from '../../src/adapters/lmdb/model-store.ts';
import { openEmbeddedResultStore } from '../../src/cli/embedded-result-store.ts';
import { readHistories } from '../../src/reading/campaign-history.ts';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { exampleOf, featurized } from '../support/catalogues.ts';
import { chdbWorkerScript, MISSING_CHDB } from '../support/chdb.ts';
import { runCli } from '../support/cli.ts';
import { describeUnless } from '../support/needs.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

/** What the views make of rows is summed in any order, so of the summaries the rows themselves. */
const TABLES = [
  ...['predictions', 'prediction_partitions', 'stored_prediction_summaries FINAL', 'members', 'rounds'],
  ...['round_metrics', 'calibrations', 'uncertainty', 'selections', 'rejections'],
];
const BAD_LINE = '{"material_id": "without-lattice"}';

/** What an elastream that did not close its sources wrote of a material and its label. */
async function bringLate(directory: string): Promise<void> {
  const log = openEventLog({ directory: join(directory, 'log') });
  const ports = { log, topics: TOPICS, clock: systemClock, random: systemRandom };
  const [history] = (await readHistories(log, TOPICS)).values();
  const { config, sources } = history!.created;
  const { labelSet } = config.labels[0]!;
  const events = Array.from({ length: 20 }, (_, i) => {
    const features = featurized({ id: `late-${i}` }, sources[0]!);
    return [features, exampleOf(features, { g_vrh: 50 + i, k_vrh: 90 + i }, { labelSet })];
  }).flat();
  await createPublisher(ports, 'test').publish(events.map((event) => ({ event })));
  await log.close();
}

type Row = Record<string, unknown>;

describeUnless(MISSING_CHDB, 'with chdb', () => {
  /** Each query's rows, of one start of the engine. */
  async function rowsOf(directory: string, queries: readonly string[]): Promise<Row[][]> {
    const store = await openEmbeddedResultStore(join(directory, 'results'), { workerScript: chdbWorkerScript() });
    try {
      const answers: Row[][] = [];
      for (const query of queries) {
        const parts: Uint8Array[] = [];
        for await (const part of store.query(query, { format: 'JSONEachRow' })) parts.push(part);
        const lines = Buffer.concat(parts).toString().split('\n');
        answers.push(lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Row])));
      }
      return answers;
    } finally {
      await store.close();
    }
  }

  const allTables = async (directory: string) => {
    const rows = await rowsOf(
      directory,
      TABLES.map((table) => `SELECT * FROM ${table} ORDER BY ALL`),
    );
    return Object.fromEntries(TABLES.map((table, i) => [table, rows[i]!]));
  };

  const rebuilt = async (directory: string) => {
    const result = await runCli(['rebuild', directory]);
    expect(result).toMatchObject({ code: 0, stdout: '' });
    expect(result.stderr).toMatch(/^tables of .*: 3 rounds made anew in [\d.]+ s\n$/);
  };

  describeWithLightGbm('elastream rebuild', () => {
    const reserve = (yaml: string) => yaml.replace('features:', 'reserve: {count: 20}\nfeatures:');
    const tiny = tinyCampaign({ moreLines: [BAD_LINE], edit: reserve });
    afterAll(() => tiny.remove());
    let undisturbed: Record<string, Row[]> = {};

    it('gives the very rows of the run, as often as it is asked', async () => {
      expect(await tiny.run(['-q', '--no-report'])).toMatchObject({ code: 0, stderr: '' });
      undisturbed = await allTables(tiny.directory);
      for (const [table, rows] of Object.entries(undisturbed)) expect([table, rows.length]).not.toEqual([table, 0]);
      await rebuilt(tiny.directory);
      expect(await allTables(tiny.directory)).toEqual(undisturbed);
      await rebuilt(tiny.directory);
      expect(await allTables(tiny.directory)).toEqual(undisturbed);
    });

    it('trains lost models again, whatever became of the tables', async () => {
      const models = openModelStore({ directory: join(tiny.directory, 'models') });
      const names = [];
      for await (const { name } of models.list()) names.push(name);
      for (const name of names.filter((_, i) => i % 3 === 0)) await models.delete(name);
      await models.close();
      rmSync(join(tiny.directory, 'results'), { recursive: true });
      await rebuilt(tiny.directory);
      expect(await allTables(tiny.directory)).toEqual(undisturbed);
      const mended = openModelStore({ directory: join(tiny.directory, 'models') });
      for (const name of names) expect(await mended.get(name)).toBeDefined();
      await mended.close();
    });

    it('leaves what predict predicts, bit by bit', async () => {
      const query = 'SELECT material_id, target, mean, stdev FROM predictions WHERE round = 3';
      const [rows] = await rowsOf(tiny.directory, [query]);
      const { stdout } = await runCli(['predict', tiny.directory, join(dirname(tiny.file), 'data.jsonl'), '--json']);
      const predictions = new Map(
        stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
          .map((one) => [one.material_id, one]),
      );
      // Of 100 candidates 20 are in the reserve, and 10 have been calculated.
      expect(rows!.length).toBe(2 * 70);
      for (const { material_id, target, mean, stdev } of rows!) {
        expect(predictions.get(material_id)[target as string]).toMatchObject({ mean, stdev });
      }
    });

    it('refuses while another process runs the campaign', async () => {
      const log = openEventLog({ directory: join(tiny.directory, 'log') });
      const refused = await runCli(['rebuild', tiny.directory]);
      await log.close();
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain(`is already written by process ${process.pid}: wait for it to end or stop it`);
      expect(await allTables(tiny.directory)).toEqual(undisturbed);
    });

    it('replaces tables that a newer elastream has laid out', async () => {
      const server = await startChdbServer(join(tiny.directory, 'results'), { workerScript: chdbWorkerScript() });
      const client = connectClickHouse(server);
      await client.command({ query: 'INSERT INTO schema_versions (version) VALUES (99)' });
      await client.close();
      await server.close();
      const refused = await runCli(['sql', tiny.directory, 'SELECT 1']);
      expect(refused).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("make them anew with 'elastream rebuild'"),
      });
      await rebuilt(tiny.directory);
      expect(await allTables(tiny.directory)).toEqual(undisturbed);
    });

    it('is what a run does by itself where somebody has removed the tables', async () => {
      rmSync(join(tiny.directory, 'results'), { recursive: true });
      const again = await tiny.run(['--no-report']);
      expect(again).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('has been stored again'),
      });
      expect(await allTables(tiny.directory)).toEqual(undisturbed);
    });

    // Last: a run would refuse the late data, and have rejections to show.
    it('gives them beside data that came after their source was complete', async () => {
      await bringLate(tiny.directory);
      await rebuilt(tiny.directory);
      expect(await allTables(tiny.directory)).toEqual(undisturbed);
    });
  });

  describeWithLightGbm('a start after a crash', () => {
    const tiny = tinyCampaign();
    afterAll(() => tiny.remove());

    it('stores the predictions that did not reach the tables', async () => {
      // Without tables no partition is noted as stored: the log of a process that was killed before it came to it.
      expect(await tiny.run()).toMatchObject({ code: 0 });
      const results = join(tiny.directory, 'results');
      await (await openEmbeddedResultStore(results, { workerScript: chdbWorkerScript() })).close();
      expect(await tiny.run(['-q', '--no-report'])).toMatchObject({ code: 0, stderr: '' });
      const byRound = 'SELECT round, count() AS n FROM prediction_partitions GROUP BY round ORDER BY round';
      const latest = 'SELECT * FROM predictions WHERE round = 3 ORDER BY ALL';
      const [rounds, stored] = await rowsOf(tiny.directory, [byRound, latest]);
      expect(rounds).toEqual([1, 2, 3].map((round) => ({ round, n: 64 })));
      expect(stored!.length).toBe(2 * 90);
      const before = readFileSync(join(tiny.directory, 'log', 'data.mdb')).length;
      expect(await tiny.run(['-q', '--no-report'])).toMatchObject({ code: 0, stderr: '' });
      expect(readFileSync(join(tiny.directory, 'log', 'data.mdb')).length).toBe(before);
      await rebuilt(tiny.directory);
      expect(await rowsOf(tiny.directory, [latest])).toEqual([stored]);
    });
  });
});
