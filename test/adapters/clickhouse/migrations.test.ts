import { describe, expect, it } from 'vitest';
import { forEngine, MIGRATIONS, TABLES, VERSION_TABLE, VIEWS } from '../../../src/adapters/clickhouse/migrations.ts';
import { COLUMNS } from '../../../src/adapters/clickhouse/table-rows.ts';

const statements = MIGRATIONS.flat();

describe('the ClickHouse schema', () => {
  it('makes all that a rebuild drops, and nothing else', () => {
    const made = statements.map(
      (statement) => /^CREATE (?:OR REPLACE )?(?:TABLE|VIEW) (?:IF NOT EXISTS )?(\w+)/.exec(statement)?.[1],
    );
    expect([...new Set(made)].sort()).toEqual([...TABLES, ...VIEWS].sort());
  });

  it('differs on a replicated server in the name of the engine only', () => {
    for (const statement of [VERSION_TABLE, ...statements]) {
      const replicated = forEngine(statement, 'ReplicatedReplacingMergeTree');
      expect(replicated.includes('ReplicatedReplacingMergeTree(')).toBe(statement.includes(' TABLE '));
      expect(replicated.replace('Replicated', '')).toBe(statement);
      expect(forEngine(statement, 'ReplacingMergeTree')).toBe(statement);
    }
  });

  it('has every column that is written', () => {
    for (const table of TABLES) {
      const definition = statements.find((statement) => statement.includes(` ${table} (`))!;
      for (const column of COLUMNS[table])
        expect(definition, `${table}.${column}`).toMatch(new RegExp(`\\b${column} [A-Z]`));
    }
  });
});
