import { STANDARD_DEVIATION_BIN_GPA } from '../learning/acquisition/score-aggregates.ts';
import type { SelectedCandidate, SubsetMetrics } from '../learning/campaign/campaign-events.ts';
import { parseMaterialId } from '../model/material-id.ts';
import { inField } from './bad-message.ts';
import { hashField, targetField, wordField } from './checked-field.ts';
import type * as wire from './generated/elastream/v1/campaign.generated.ts';

export function fromCandidateMessage(message: wire.SelectedCandidate): SelectedCandidate {
  return {
    ...message,
    materialId: inField('candidates.material_id', () => parseMaterialId(message.materialId)),
    materialHash: hashField(message.materialHash, 'candidates.material_hash'),
    calculationId: hashField(message.calculationId, 'candidates.calculation_id'),
  };
}

export function fromMetricsMessage(message: wire.SubsetMetrics): SubsetMetrics {
  return {
    ...message,
    target: targetField(message.target, 'metrics.target'),
    subset: wordField(message.subset, ['candidates', 'test'], 'metrics.subset'),
    standardDeviationBin: message.standardDeviationBin ?? STANDARD_DEVIATION_BIN_GPA,
  };
}

export function toMetricsMessage({ standardDeviationBin: bin, ...metrics }: SubsetMetrics): wire.SubsetMetrics {
  return bin === STANDARD_DEVIATION_BIN_GPA ? metrics : { ...metrics, standardDeviationBin: bin };
}
