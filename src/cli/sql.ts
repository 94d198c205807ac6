import { existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { AppError } from '../model/app-error.ts';
import type { ResultStore } from '../ports/result-store.ts';
import { directoryPlaces } from './campaign/campaign-directory.ts';
import { isClusterUrl } from './cluster/cluster-url.ts';
import { connectCluster } from './cluster/connect-cluster.ts';
import { joinResultStore } from './embedded-result-store.ts';

const HELP_AFTER = `
Tables: predictions, prediction_summaries, prediction_partitions, members, rounds, round_metrics, calibrations,
uncertainty (docs/uncertainty.md), selections, rejections. One statement of SELECT, SHOW, DESCRIBE, EXPLAIN or EXISTS, within limits of time (120 s), memory and result.
It goes through the process that runs the campaign, if there is one. ClickHouse's CSV formats leave texts as they are:
elastream export writes CSV whose cells no spreadsheet computes.

Examples:
  elastream sql --dir quickstart "SELECT round, labels, added FROM rounds WHERE campaign = 'quickstart' ORDER BY round"
  elastream sql --dir quickstart "SELECT * FROM predictions WHERE campaign = 'quickstart' AND round = 11 ORDER BY stdev DESC" \\
    --format CSVWithNames > predictions.csv
  elastream sql --dir quickstart "DESCRIBE predictions"

predictions holds the candidates of a campaign's latest round, and of earlier ones what they selected: name the round.`;

/** `elastream sql --dir DIR QUERY`: a question to a campaign's tables, in ClickHouse's SQL. */
export function sqlCommand(): Command {
  return new Command('sql')
    .summary("ask a campaign's tables in SQL")
    .description("Runs one ClickHouse query over a campaign's tables and prints the result.")
    .argument('<dir>')
    .argument('<query>', 'one statement that reads')
    .option('--format <name>', 'a ClickHouse format: CSVWithNames, JSONEachRow, Parquet, ...', 'PrettyCompact')
    .addHelpText('after', HELP_AFTER)
    .action(runSql);
}

async function runSql(place: string, query: string, { format }: { readonly format: string }): Promise<void> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  // A gateway notices by itself that nobody waits any more; the engine of a directory has to be closed.
  if (!isClusterUrl(place)) process.once('SIGINT', interrupt);
  const tables = isClusterUrl(place) ? clusterTables(place) : await directoryTables(place);
  try {
    await pipeline(tables.query(query, { format, signal: interruption.signal }), process.stdout, { end: false });
  } finally {
    process.off('SIGINT', interrupt);
    await tables.close();
  }
}

async function directoryTables(directory: string): Promise<Pick<ResultStore, 'query' | 'close'>> {
  const { results, log } = directoryPlaces(directory);
  if (existsSync(results)) return joinResultStore(results);
  const remedy = existsSync(log)
    ? `'elastream rebuild --dir ${directory}' makes them, once chdb is installed (npm install chdb@3.4, with -g where elastream is)`
    : "name a campaign's directory";
  const message = `${directory} has no tables to ask (there is no ${results}); ${remedy}`;
  throw new AppError('invalid_argument', message);
}

function clusterTables(url: string): Pick<ResultStore, 'query' | 'close'> {
  const { gateway, close } = connectCluster(url);
  return {
    async *query(sql, { format = 'PrettyCompact' } = {}) {
      for await (const { piece } of gateway.Query({ sql, format })) yield piece;
    },
    close,
  };
}
