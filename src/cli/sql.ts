import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { AppError } from '../model/app-error.ts';
import { joinResultStore } from './embedded-result-store.ts';

const HELP_AFTER = `
Tables: predictions, prediction_summaries, prediction_partitions, members, rounds, round_metrics, selections,
rejections. The query can only read. It goes through the process that runs the campaign, if there is one.

Examples:
  elastream sql campaign "SELECT round, labels, added FROM rounds ORDER BY round"
  elastream sql campaign "SELECT * FROM predictions ORDER BY std DESC" --format CSVWithNames > predictions.csv
  elastream sql campaign "DESCRIBE predictions"`;

/** `elastream sql DIR QUERY`: a question to a campaign's tables, in ClickHouse's SQL. */
export function sqlCommand(): Command {
  return new Command('sql')
    .summary("ask a campaign's tables in SQL")
    .description("Runs one ClickHouse query over a campaign's tables and prints the result.")
    .argument('<dir>', "the campaign's directory")
    .argument('<query>', 'one statement that reads')
    .option('--format <name>', 'a ClickHouse format: CSVWithNames, JSONEachRow, Parquet, ...', 'PrettyCompact')
    .addHelpText('after', HELP_AFTER)
    .action(runSql);
}

async function runSql(directory: string, query: string, { format }: { readonly format: string }): Promise<void> {
  const results = join(directory, 'results');
  if (!existsSync(results)) {
    const message = `${directory} has no tables to ask (there is no ${results}); name a campaign's directory`;
    throw new AppError('invalid_argument', message);
  }
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt);
  const store = await joinResultStore(results);
  try {
    await pipeline(store.query(query, { format, signal: interruption.signal }), process.stdout, { end: false });
  } finally {
    process.off('SIGINT', interrupt);
    await store.close();
  }
}
