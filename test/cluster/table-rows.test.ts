import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/model/app-error.ts';
import type { QueryRequest } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { differingRows, settledRows, type TableRows } from '../support/cluster/faults/table-rows.ts';

const PATIENCE = { everyMs: 1, msMax: 1_000 };
const ROWS: TableRows = { rounds: ['{"round":1}', '{"round":2}'] };
const NONE: TableRows = {};

/** A gateway whose tables hold one thing after the other, at last the last; an error is thrown. */
function gatewayOf(...states: (TableRows | Error)[]) {
  let reads = -1;
  return {
    async *Query({ sql }: QueryRequest) {
      if (sql.endsWith(' FROM predictions')) reads++;
      const state = states[Math.min(reads, states.length - 1)]!;
      if (state instanceof Error) throw state;
      const table = / FROM (\w+)/.exec(sql)![1]!;
      for (const row of state[table] ?? []) yield { piece: Buffer.from(`${row}\n`) };
    },
  };
}

describe('the rows of the tables', () => {
  it('are waited for while they are filled again, and while nobody answers', async () => {
    const away = new AppError('unavailable', 'the tables are away', { retryable: true });
    const dropped = new AppError('query_failed', 'there is no table rounds');
    const rows = await settledRows(gatewayOf(away, NONE, NONE, dropped, ROWS), ROWS, PATIENCE);
    expect(differingRows(rows!, ROWS)).toEqual([]);
  });

  it('are those that do not change any more, where nothing is expected', async () => {
    const rows = await settledRows(gatewayOf(NONE, { rounds: ['{"round":1}'] }, ROWS), undefined, PATIENCE);
    expect(differingRows(rows!, ROWS)).toEqual([]);
  });

  it('are told apart by table, whatever their order', async () => {
    const rows = await settledRows(gatewayOf({ rounds: ['{"round":3}', '{"round":1}'] }), ROWS, {
      ...PATIENCE,
      msMax: 20,
    });
    expect(differingRows(rows!, ROWS)).toEqual([
      'rounds has 1 other rows and lacks 1: {"round":3}, without faults {"round":2}',
    ]);
  });
});
