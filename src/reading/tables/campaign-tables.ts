import { selectionReason } from '../../learning/acquisition/selection-reason.ts';
import type { SelectedCandidate } from '../../learning/campaign/campaign-events.ts';
import type { EnsembleModels } from '../../learning/ensemble/predict-rows.ts';
import { type PredictedRow, predictedRows } from '../../learning/ensemble/predicted-rows.ts';
import type { MemberTrained, TrainedTarget } from '../../model/events.ts';
import type { Label } from '../../model/label.ts';
import type { CalculationEnding } from '../calculation-endings.ts';
import type { CampaignHistory, RoundHistory } from '../campaign-history.ts';
import type { CampaignReading } from '../campaign-reading.ts';
import { type RoundRow, roundRow } from '../round-row.ts';
import type { TrainedMembers } from '../trained-members.ts';
import { type Field, perTarget, type RecordTable, recordTable } from './record-table.ts';

/** What a round's models say of its candidates, of the test set and of the reserve. */
export function predictionTable(reading: CampaignReading, round: RoundHistory, models: EnsembleModels): RecordTable {
  const { history, contents } = reading;
  const { targets } = history.created.config;
  return recordTable(
    [
      { name: 'material_id', type: 'text', of: ({ facts }) => facts.materialId },
      { name: 'formula', type: 'text', of: ({ facts }) => facts.reducedFormula },
      { name: 'set', type: 'text', of: ({ set }) => (set === 'candidates' ? 'candidate' : set) },
      ...perTarget(targets, 'mean', ({ mean }: PredictedRow, _, t) => mean[t]),
      ...perTarget(targets, 'stdev', ({ standardDeviation }: PredictedRow, _, t) => standardDeviation[t]),
      ...perTarget(targets, 'calculated', ({ actual }: PredictedRow, target) => actual[target]),
      { name: 'round', type: 'whole', of: () => round.round },
    ],
    predictedRows(history.created.config, contents(round), models),
  );
}

/** Of the rounds that have selected: what `run --json` prints of them. */
export function roundTable(history: CampaignHistory, rounds: readonly RoundHistory[]): RecordTable {
  const { targets } = history.created.config;
  const errors = (key: 'mae' | 'mae_stdev' | 'r2' | 'test_mae' | 'test_mae_stdev' | 'test_r2') =>
    perTarget(targets, key, (row: RoundRow, target) => row[key][target]);
  return recordTable(
    [
      { name: 'campaign', type: 'text', of: ({ campaign }) => campaign },
      { name: 'calculator', type: 'text', of: ({ calculator }) => calculator },
      { name: 'round', type: 'whole', of: ({ round }) => round },
      { name: 'labels', type: 'whole', of: ({ labels }) => labels },
      { name: 'added', type: 'whole', of: ({ added }) => added },
      ...errors('mae'),
      ...errors('mae_stdev'),
      ...errors('r2'),
      ...errors('test_mae'),
      ...errors('test_mae_stdev'),
      ...errors('test_r2'),
      { name: 'seconds', type: 'number', of: ({ seconds }) => seconds },
      { name: 'snapshot', type: 'text', of: ({ snapshot }) => snapshot },
      { name: 'selected', type: 'whole', of: ({ selected }) => selected.length },
    ],
    rounds.flatMap((round) => roundRow(history, round) ?? []),
  );
}

interface Selection {
  readonly round: RoundHistory;
  readonly place: number;
  readonly candidate: SelectedCandidate;
  readonly ending: CalculationEnding | undefined;
}

function selections({ ending }: CampaignReading, rounds: readonly RoundHistory[]): Selection[] {
  return rounds.flatMap((round) =>
    (round.selected?.candidates ?? []).map((candidate, place) => {
      return { round, place, candidate, ending: ending(candidate.calculationId) };
    }),
  );
}

/** What was chosen, why, and what came of it. */
export function selectionTable(reading: CampaignReading, rounds: readonly RoundHistory[]): RecordTable {
  const { config } = reading.history.created;
  const { targets } = config;
  return recordTable(
    [
      { name: 'round', type: 'whole', of: ({ round }) => round.round },
      { name: 'rank', type: 'whole', of: ({ place }) => place + 1 },
      { name: 'material_id', type: 'text', of: ({ candidate }) => candidate.materialId },
      { name: 'formula', type: 'text', of: ({ candidate }) => formulaOf(reading, candidate) },
      { name: 'score', type: 'number', of: ({ candidate }) => candidate.score },
      ...perTarget(targets, 'mean', ({ candidate }: Selection, _, t) => candidate.mean[t]),
      ...perTarget(targets, 'stdev', ({ candidate }: Selection, _, t) => candidate.standardDeviation[t]),
      { name: 'outcome', type: 'text', of: ({ round, place }) => round.outcomes?.[place] ?? 'pending' },
      ...perTarget(targets, 'calculated', ({ ending }: Selection, target) => ending?.label?.values[target]),
      { name: 'why', type: 'text', of: ({ candidate }) => selectionReason(config, candidate) },
      { name: 'calculation', type: 'text', of: ({ candidate }) => candidate.calculationId },
    ],
    selections(reading, rounds),
  );
}

function formulaOf({ catalogue }: CampaignReading, { materialId, materialHash }: SelectedCandidate) {
  return catalogue.version(materialId, materialHash)?.facts.reducedFormula;
}

interface MemberModel {
  readonly member: MemberTrained;
  readonly target: TrainedTarget;
}

/** The models of the rounds that all members have been trained for. */
export function memberTable(
  { created }: CampaignHistory,
  trained: Pick<TrainedMembers<MemberTrained>, 'of'>,
  rounds: readonly RoundHistory[],
): RecordTable {
  const whole = rounds
    .map(({ opened }) => trained.of(created, opened))
    .filter(({ size }) => size === created.config.ensemble.members);
  const models = whole
    .flatMap((members) => [...members.values()])
    .flatMap((member) => member.targets.map((target): MemberModel => ({ member, target })));
  const fields: Field<MemberModel>[] = [
    { name: 'round', type: 'whole', of: ({ member }) => member.round },
    { name: 'member', type: 'whole', of: ({ member }) => member.member },
    { name: 'target', type: 'text', of: ({ target }) => target.target },
    { name: 'model', type: 'text', of: ({ target }) => target.model },
    { name: 'trees_hash', type: 'text', of: ({ target }) => target.treesHash },
    { name: 'training_rows', type: 'whole', of: ({ target }) => target.trainingRows },
    { name: 'held_out_mae', type: 'number', of: ({ target }) => target.heldOut.mae },
    { name: 'held_out_rmse', type: 'number', of: ({ target }) => target.heldOut.rmse },
    { name: 'held_out_r2', type: 'number', of: ({ target }) => target.heldOut.r2 },
    { name: 'seconds', type: 'number', of: ({ member }) => member.seconds },
    { name: 'engine', type: 'text', of: ({ member }) => member.engine },
  ];
  return recordTable(fields, models);
}

type Acquired = Selection & { readonly ending: CalculationEnding & { readonly label: Label } };

/** The labels that the campaign acquired, and where they come from. */
export function labelTable(reading: CampaignReading, rounds: readonly RoundHistory[]): RecordTable {
  const { targets } = reading.history.created.config;
  const labelOf = ({ ending }: Acquired) => ending.label;
  return recordTable(
    [
      { name: 'material_id', type: 'text', of: (row) => labelOf(row).materialId },
      { name: 'formula', type: 'text', of: ({ candidate }) => formulaOf(reading, candidate) },
      ...targets.map((target): Field<Acquired> => {
        return { name: target, type: 'number', of: (row) => labelOf(row).values[target] };
      }),
      { name: 'round', type: 'whole', of: ({ round }) => round.round },
      { name: 'acquired_at', type: 'text', of: ({ ending }) => ending.at },
      { name: 'label_set', type: 'text', of: (row) => labelOf(row).labelSet },
      { name: 'method', type: 'text', of: (row) => labelOf(row).method.kind },
      { name: 'code', type: 'text', of: (row) => labelOf(row).method.code },
      { name: 'functional', type: 'text', of: (row) => labelOf(row).method.functional },
      { name: 'provenance', type: 'text', of: (row) => labelOf(row).provenance },
      { name: 'material_hash', type: 'text', of: (row) => labelOf(row).materialHash },
      { name: 'label', type: 'text', of: (row) => labelOf(row).id },
    ],
    selections(reading, rounds).filter((row): row is Acquired => row.ending?.label !== undefined),
  );
}
