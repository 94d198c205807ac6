import { splitRows } from '../../learning/ensemble/split-rows.ts';
import type { RoundHistory } from '../campaign-history.ts';
import type { CampaignReading } from '../campaign-reading.ts';
import { type RecordTable, recordTable } from './record-table.ts';

interface SplitRow {
  readonly set: 'training' | 'test';
  /** Absent for the test set, which is everyone's. */
  readonly member?: number;
  readonly target?: string;
  readonly materialId: string;
}

/** Who trains on what in a round: enough to train the same ensemble with another program. */
export function splitTable({ history, contents }: CampaignReading, round: RoundHistory): RecordTable {
  return recordTable<SplitRow>(
    [
      { name: 'set', type: 'text', of: ({ set }) => set },
      { name: 'member', type: 'whole', of: ({ member }) => member },
      { name: 'target', type: 'text', of: ({ target }) => target },
      { name: 'material_id', type: 'text', of: ({ materialId }) => materialId },
    ],
    rowsOf(history.created, contents(round)),
  );
}

function* rowsOf(
  created: CampaignReading['history']['created'],
  contents: ReturnType<CampaignReading['contents']>,
): Generator<SplitRow> {
  const { test, members } = splitRows(contents, created);
  for (const materialId of test) yield { set: 'test', materialId };
  for (const { seed: member, ...byTarget } of members) {
    for (const target of created.config.targets) {
      for (const materialId of byTarget[target] ?? []) yield { set: 'training', member, target, materialId };
    }
  }
}
