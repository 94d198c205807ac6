import type { CampaignHistory, RoundHistory } from '../campaign-history.ts';
import { type CalibrationRow, calibrationRows, type UncertaintyRow, uncertaintyRows } from '../uncertainty-rows.ts';
import { type Field, type RecordTable, recordTable } from './record-table.ts';

type Level = UncertaintyRow['coverage'][number];
type Way = 'raw' | 'scaled' | 'conformal';

/** How far STDEV and intervals were right: a row per round, target, subset, group and level. */
export function uncertaintyTable({ created }: CampaignHistory, rounds: readonly RoundHistory[]): RecordTable {
  interface Row extends UncertaintyRow {
    readonly round: number;
    readonly at: Level;
  }
  const number = (name: Exclude<keyof UncertaintyRow, 'target' | 'subset' | 'group' | 'coverage'>): Field<Row> => {
    return { name, type: 'number', of: (row) => row[name] };
  };
  const covered = (way: Way): Field<Row>[] => [
    { name: `${way}_coverage`, type: 'number', of: ({ at }) => at[way]?.share },
    { name: `${way}_coverage_low`, type: 'number', of: ({ at }) => at[way]?.low },
    { name: `${way}_coverage_high`, type: 'number', of: ({ at }) => at[way]?.high },
    { name: `${way}_width`, type: 'number', of: ({ at }) => at[way]?.width },
  ];
  return recordTable<Row>(
    [
      { name: 'campaign', type: 'text', of: () => created.campaign },
      { name: 'round', type: 'whole', of: ({ round }) => round },
      { name: 'target', type: 'text', of: ({ target }) => target },
      { name: 'subset', type: 'text', of: ({ subset }) => subset },
      { name: 'material_group', type: 'text', of: ({ group }) => group },
      { name: 'level', type: 'number', of: ({ at }) => at.level },
      { name: 'materials', type: 'whole', of: ({ count }) => count },
      ...covered('raw'),
      ...covered('scaled'),
      ...covered('conformal'),
      ...(['mean_squared_z', 'mean_squared_z_low', 'mean_squared_z_high'] as const).map(number),
      ...(['scaled_mean_squared_z', 'scaled_mean_squared_z_low', 'scaled_mean_squared_z_high'] as const).map(number),
      number('rank_correlation'),
    ],
    rounds.flatMap((round) =>
      uncertaintyRows(round).flatMap((row) => row.coverage.map((at) => ({ ...row, round: round.round, at }))),
    ),
  );
}

/** How STDEV becomes an error bar: a row per round, target and group. */
export function calibrationTable({ created }: CampaignHistory, rounds: readonly RoundHistory[]): RecordTable {
  interface Row extends CalibrationRow {
    readonly round: number;
  }
  const rows = rounds.flatMap((round) => calibrationRows(round).map((row): Row => ({ ...row, round: round.round })));
  const levels = [...new Set(rows.flatMap(({ quantiles }) => quantiles.map(({ level }) => level)))];
  return recordTable<Row>(
    [
      { name: 'campaign', type: 'text', of: () => created.campaign },
      { name: 'round', type: 'whole', of: ({ round }) => round },
      { name: 'target', type: 'text', of: ({ target }) => target },
      { name: 'material_group', type: 'text', of: ({ group }) => group },
      { name: 'materials', type: 'whole', of: ({ count }) => count },
      { name: 'scale', type: 'number', of: ({ scale }) => scale },
      { name: 'scale_low', type: 'number', of: ({ scale_low }) => scale_low },
      { name: 'scale_high', type: 'number', of: ({ scale_high }) => scale_high },
      ...levels.map((level): Field<Row> => {
        const name = `quantile_${Math.round(100 * level)}`;
        return { name, type: 'number', of: ({ quantiles }) => quantiles.find((one) => one.level === level)?.quantile };
      }),
    ],
    rows,
  );
}
