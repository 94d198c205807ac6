import type { ClickHouseClient } from '@clickhouse/client';
import { AppError } from '../../model/app-error.ts';
import type {
  NextPosition,
  ResultStore,
  RoundKey,
  RoundResult,
  Rows,
  StoredPosition,
  StoredRound,
} from '../../ports/result-store.ts';
import { isConnectionFailure, storingFailure } from './clickhouse-failure.ts';
import type { TableEngine } from './migrations.ts';
import { PredictionSummaries } from './prediction-summaries.ts';
import { readQuery } from './read-query.ts';
import { type Cells, inBatches } from './row-batches.ts';
import { checkSchema, dropSchema, migrate, restoreSchema } from './schema.ts';
import * as rows from './table-rows.ts';

export interface ResultStoreOptions {
  /** Default: ReplacingMergeTree. Use the replicated engine on a server with replicas. */
  readonly engine?: TableEngine;
  /**
   * What happens to tables of another version. `migrate` (default) updates older ones and refuses newer ones. `check`
   * refuses both, for nodes that may not change tables. `replace` creates empty tables.
   */
  readonly tables?: 'migrate' | 'check' | 'replace';
  /** A connection of a user who may only read; without it queries are refused. */
  readonly reader?: ClickHouseClient;
  /** Called when the server was lost, before the single retry: restarts the server or waits for it. */
  readonly recover?: () => Promise<void>;
}

/** A replicated table would drop a block that it received before, even if its rows were cleared for a rebuild. */
const INSERT_SETTINGS = { insert_deduplicate: 0 } as const;

/**
 * Opens the ResultStore on a ClickHouse server, or on the embedded engine, which has the same HTTP interface.
 * @throws AppError `storage_incompatible` if the tables have another version, `unavailable`
 */
export async function openResultStore(
  client: ClickHouseClient,
  options: ResultStoreOptions = {},
): Promise<ResultStore> {
  const { engine = 'ReplacingMergeTree', tables = 'migrate', reader, recover = async () => {} } = options;
  const attempt = async <T>(what: string, action: () => Promise<T>): Promise<T> => {
    try {
      return await action().catch(async (error: unknown) => {
        if (!isConnectionFailure(error)) throw error;
        await recover();
        return await action();
      });
    } catch (error) {
      throw storingFailure(error, what);
    }
  };
  const insert = (table: rows.Table, values: Cells[]) =>
    attempt(`cannot store ${values.length} rows in ${table}`, () =>
      client.insert({
        table,
        values,
        columns: rows.COLUMNS[table] as [string, ...string[]],
        format: 'JSONCompactEachRow',
        clickhouse_settings: INSERT_SETTINGS,
      }),
    );
  const store = async <T>(table: rows.Table, source: Rows<T>, cellsOf: (row: T) => Cells) => {
    for await (const batch of inBatches(source, cellsOf)) await insert(table, batch);
  };

  const replace = async () => {
    await dropSchema(client);
    await migrate(client, engine);
  };
  const restore = () => attempt('cannot lay out lost tables', () => restoreSchema(client, engine));
  const layOut = { replace, migrate: () => migrate(client, engine), check: () => checkSchema(client) };
  await attempt('cannot lay out the tables', layOut[tables]);
  return {
    async storePredictions(batch, predictions) {
      const summaries = new PredictionSummaries();
      await store('stored_predictions', predictions, (prediction) => {
        summaries.add(prediction);
        return rows.predictionRow(batch, prediction);
      });
      await store('stored_prediction_summaries', summaries.rows(batch), (row) => row);
      // Noted last, so that a partition that is noted as stored is complete.
      const { campaign, round, snapshotHash, epoch } = batch;
      const noted = batch.partitions.map((partition) => [campaign, round, partition, snapshotHash, epoch]);
      await store('stored_prediction_partitions', noted, (row) => row);
    },
    storeMembers: (members) => store('stored_members', members, rows.memberRow),
    async storeRounds(source) {
      const metrics: Cells[] = [];
      const calibrations: Cells[] = [];
      const uncertainty: Cells[] = [];
      await store('stored_rounds', source, (round: RoundResult) => {
        for (const one of round.metrics) metrics.push(rows.roundMetricsRow(round, one));
        for (const one of round.calibrations) calibrations.push(rows.calibrationRow(round, one));
        for (const one of round.uncertainty) uncertainty.push(rows.uncertaintyRow(round, one));
        return rows.roundRow(round);
      });
      await store('stored_round_metrics', metrics, (row) => row);
      await store('stored_calibrations', calibrations, (row) => row);
      await store('stored_uncertainty', uncertainty, (row) => row);
    },
    storeSelections: (selections) => store('stored_selections', selections, rows.selectionRow),
    storeRejections: (rejections) => store('stored_rejections', rejections, rows.rejectionRow),
    async storedPredictions(campaign) {
      await restore();
      return attempt('cannot list the stored partitions', () => storedPredictions(client, campaign));
    },
    async notePositions(positions) {
      for (const one of positions) await attempt('cannot note a position', () => notePosition(client, one));
    },
    async positions() {
      await restore();
      return attempt('cannot list the positions', () => notedPositions(client));
    },
    thinPredictionsBefore: (key) => attempt('cannot thin out predictions', () => thinPredictions(client, key)),
    query(sql, query) {
      if (reader) return readQuery(reader, recover, sql, query);
      throw new AppError('dependency_missing', 'these tables were opened without a user that may only read');
    },
    clear: () => attempt('cannot clear the tables', replace),
    async close() {
      await Promise.all([client.close(), reader?.close()]);
    },
  };
}

async function storedPredictions(client: ClickHouseClient, campaign: string): Promise<StoredRound[]> {
  const result = await client.query({
    query: `SELECT round, snapshot_hash AS snapshotHash, arraySort(groupArray(partition)) AS partitions
      FROM prediction_partitions WHERE campaign = {campaign:String} GROUP BY round, snapshot_hash ORDER BY round`,
    query_params: { campaign },
    format: 'JSONEachRow',
  });
  return result.json<StoredRound>();
}

/** Below every offset. */
const NO_NOTE = -1;

/** One statement checks and notes, so that no table can be lost unnoticed between the two. */
async function notePosition(client: ClickHouseClient, position: NextPosition): Promise<void> {
  await client.command({
    query: `INSERT INTO stored_positions (topic, partition, next, last_offset, last_id)
      SELECT {topic:String}, {partition:UInt16}, {next:UInt64}, {lastOffset:UInt64}, {lastId:String}
      WHERE {after:Int64} = (SELECT if(count() = 0, ${NO_NOTE}, toInt64(sum(next))) FROM stored_positions FINAL
        WHERE topic = {topic:String} AND partition = {partition:UInt16})`,
    query_params: { ...position, after: position.after ?? NO_NOTE },
    clickhouse_settings: INSERT_SETTINGS,
  });
}

async function notedPositions(client: ClickHouseClient): Promise<StoredPosition[]> {
  const result = await client.query({
    query: `SELECT topic, partition, next, last_offset AS lastOffset, last_id AS lastId FROM stored_positions FINAL`,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  });
  return result.json<StoredPosition>();
}

/** A round without a selection is not thinned: it would lose the predictions of the coming selection. */
async function thinPredictions(client: ClickHouseClient, { campaign, round }: RoundKey): Promise<void> {
  await client.command({
    query: `DELETE FROM stored_predictions WHERE campaign = {campaign:String} AND round < {round:UInt32}
      AND round IN (SELECT round FROM selections WHERE campaign = {campaign:String})
      AND (round, material_id) NOT IN (SELECT round, material_id FROM selections WHERE campaign = {campaign:String})`,
    query_params: { campaign, round },
    // Each replica runs the deletion itself, on the same selections.
    clickhouse_settings: { allow_nondeterministic_mutations: 1, lightweight_deletes_sync: '2' },
  });
}
