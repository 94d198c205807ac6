import type { CalculatorSettings } from '../learning/campaign/campaign-config.ts';
import type { SubsetMetrics } from '../learning/campaign/campaign-events.ts';
import {
  acquiredBefore,
  type CampaignHistory,
  type RoundHistory,
  roundSeconds,
  trainingLabelCount,
} from './campaign-history.ts';
import {
  type CalibrationRow,
  calibrationRows,
  finiteOrNull,
  type UncertaintyRow,
  uncertaintyRows,
} from './uncertainty-rows.ts';

type PerTarget = Readonly<Record<string, number | null>>;

/** What `run --json`, `status --json` and `export` say of a round; null where it is not defined. */
export interface RoundRow {
  readonly campaign: string;
  /** Where acquired labels come from; `simulated` ones are of a formula, not of DFT. */
  readonly calculator: CalculatorSettings['kind'];
  readonly round: number;
  /** Labels trained on, and how many of them the campaign acquired. */
  readonly labels: number;
  readonly added: number;
  /** On the candidates not yet chosen, GPa: of the ensemble's mean, and the STDEV of the members' own. */
  readonly mae: PerTarget;
  readonly mae_stdev: PerTarget;
  readonly r2: PerTarget;
  readonly test_mae: PerTarget;
  readonly test_mae_stdev: PerTarget;
  readonly test_r2: PerTarget;
  /** By the reserve; empty without one. */
  readonly calibration: readonly CalibrationRow[];
  /** How far STDEV and intervals were right; empty where an older version measured. */
  readonly uncertainty: readonly UncertaintyRow[];
  /** From the opening to the selection. */
  readonly seconds: number | null;
  readonly snapshot: string;
  readonly selected: readonly string[];
}

/** Undefined before the round has selected. */
export function roundRow(history: CampaignHistory, round: RoundHistory): RoundRow | undefined {
  const { selected, opened } = round;
  if (selected === undefined) return undefined;
  const pick = (subset: SubsetMetrics['subset'], value: (metrics: SubsetMetrics) => number): PerTarget =>
    Object.fromEntries(
      selected.metrics.filter((m) => m.subset === subset).map((m) => [m.target, finiteOrNull(value(m))]),
    );
  return {
    campaign: history.created.campaign,
    calculator: history.created.config.calculator.kind,
    round: round.round,
    labels: trainingLabelCount(round),
    added: acquiredBefore(history, round.round),
    mae: pick('candidates', ({ mae }) => mae),
    mae_stdev: pick('candidates', ({ maeStandardDeviation }) => maeStandardDeviation),
    r2: pick('candidates', ({ r2 }) => r2),
    test_mae: pick('test', ({ mae }) => mae),
    test_mae_stdev: pick('test', ({ maeStandardDeviation }) => maeStandardDeviation),
    test_r2: pick('test', ({ r2 }) => r2),
    calibration: calibrationRows(round),
    uncertainty: uncertaintyRows(round),
    seconds: roundSeconds(round) ?? null,
    snapshot: opened.snapshotHash,
    selected: selected.candidates.map(({ materialId }) => materialId),
  };
}
