import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../../src/model/app-error.ts';
import type { Gateway } from '../../../../src/protocol/generated/elastream/v1/services.generated.ts';

/** The sorted rows of each table. */
export type TableRows = Readonly<Record<string, readonly string[]>>;

/** Excludes columns that differ between runs: times and writers. Summaries are sums over rows in any order. */
const QUERIES: Readonly<Record<string, string>> = {
  predictions: 'SELECT * EXCEPT epoch FROM predictions',
  prediction_partitions: 'SELECT * EXCEPT epoch FROM prediction_partitions',
  members: 'SELECT * EXCEPT (seconds, epoch) FROM members',
  rounds: 'SELECT * EXCEPT (seconds, epoch) FROM rounds',
  round_metrics: 'SELECT * EXCEPT epoch FROM round_metrics',
  calibrations: 'SELECT * EXCEPT epoch FROM calibrations',
  uncertainty: 'SELECT * EXCEPT epoch FROM uncertainty',
  selections: 'SELECT * EXCEPT epoch FROM selections',
  // Rejections of poisoned messages name places in the log.
  rejections: "SELECT * FROM rejections WHERE NOT startsWith(source, 'elastream.')",
};

export interface Patience {
  readonly everyMs: number;
  readonly msMax: number;
}

/** Shards check every five minutes what the tables lack. */
const PATIENCE: Patience = { everyMs: 5_000, msMax: 7 * 60_000 };

/**
 * The rows, once they equal the expected ones or no longer change: lost tables are filled again only some time after
 * everything in the log has been handled.
 */
export async function settledRows(
  gateway: Pick<Gateway, 'Query'>,
  expected: TableRows | undefined,
  { everyMs, msMax }: Patience = PATIENCE,
): Promise<TableRows | undefined> {
  const deadline = performance.now() + msMax;
  let last: TableRows | undefined;
  for (;;) {
    const rows = await readRows(gateway);
    const isSame = rows && last && differingRows(rows, last).length === 0;
    if (rows && (expected ? differingRows(rows, expected).length === 0 : isSame)) return rows;
    last = rows;
    if (performance.now() > deadline) return rows;
    await sleep(everyMs);
  }
}

/** Undefined if the tables cannot be read at the moment. */
async function readRows(gateway: Pick<Gateway, 'Query'>): Promise<TableRows | undefined> {
  const tables: Record<string, string[]> = {};
  try {
    for (const [table, sql] of Object.entries(QUERIES)) {
      const pieces: Uint8Array[] = [];
      for await (const { piece } of gateway.Query({ sql, format: 'JSONEachRow' })) pieces.push(piece);
      tables[table] = Buffer.concat(pieces).toString().split('\n').filter(Boolean).sort();
    }
    return tables;
  } catch (error) {
    // A dropped table does not exist for a while.
    if (error instanceof AppError && (error.retryable || error.code === 'query_failed')) return undefined;
    throw error;
  }
}

/** One line per table that holds unexpected rows. */
export function differingRows(found: TableRows, expected: TableRows): string[] {
  return Object.keys(QUERIES).flatMap((table) => {
    const [rows, due] = [new Set(found[table]), new Set(expected[table])];
    const more = [...rows].filter((row) => !due.has(row));
    const less = [...due].filter((row) => !rows.has(row));
    if (more.length + less.length === 0) return [];
    return [
      `${table} has ${more.length} other rows and lacks ${less.length}: ${more[0] ?? 'none'}, without faults ${less[0] ?? 'none'}`,
    ];
  });
}
