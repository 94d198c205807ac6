import type { CampaignConfig } from '../../src/learning/campaign/campaign-config.ts';
import { configHash } from '../../src/learning/campaign/campaign-decider.ts';
import type { CampaignStreamEvent, SelectedCandidate } from '../../src/learning/campaign/campaign-events.ts';
import { snapshotHash } from '../../src/learning/campaign/round-snapshot.ts';
import { createLattice } from '../../src/model/lattice.ts';
import type { Material } from '../../src/model/material.ts';
import { materialHash } from '../../src/model/material-hash.ts';
import type { MaterialId } from '../../src/model/material-id.ts';
import { calculationId, recipeText } from '../../src/model/recipe.ts';
import { createStructure } from '../../src/model/structure.ts';
import type { ToldResult } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import type { Publication } from '../../src/runtime/publisher.ts';
import { CONFIG, snapshotOf } from './campaigns.ts';

export const METHOD = { kind: 'dft', code: 'VASP 6.4', functional: 'PBE' } as const;
export const MANUAL: CampaignConfig = { ...CONFIG, calculator: { kind: 'manual', method: METHOD, attempts: 2 } };
const RECIPE = recipeText({ kind: 'manual', campaign: 'test', method: METHOD });

function testMaterial(id: string, a: number): Material {
  const lattice = createLattice([a, 0, 0, 0, a, 0, 0, 0, a]);
  return { id: id as MaterialId, structure: createStructure(lattice, [14], [0, 0, 0]) };
}
export const [ASKED, OTHER, POOL, NEW] = ['asked', 'other', 'pool', 'new'].map((id, i) => testMaterial(id, 5 + i)) as [
  Material,
  Material,
  Material,
  Material,
];

export function selected(of: Material): SelectedCandidate {
  const hash = materialHash(of);
  const score = { score: 1, mean: [1, 2], standardDeviation: [3, 4] };
  return { materialId: of.id, materialHash: hash, calculationId: calculationId(hash, RECIPE), ...score };
}

/** A campaign of a manual calculator that waits for two materials of its data. */
export function waiting(config = MANUAL): Publication[] {
  const authored = (sequence: number) => ({ epoch: 1, writer: 'w', sequence });
  const snapshot = snapshotOf(1, ['asked', 'other', 'pool']);
  const stream: CampaignStreamEvent[] = [
    { type: 'CampaignCreated', campaign: 'test', config, configHash: configHash(config), sources: ['s'] },
    { type: 'EpochClaimed', epoch: 1, writer: 'w' },
    { type: 'RoundOpened', ...authored(1), snapshot, snapshotHash: snapshotHash('test', snapshot) },
    { type: 'Selected', ...authored(2), round: 1, candidates: [ASKED, OTHER].map(selected), metrics: [] },
  ];
  const materials = [ASKED, OTHER, POOL].map((one) => {
    return { type: 'MaterialIngested', source: 's', material: one, materialHash: materialHash(one) } as const;
  });
  return [...stream.map((event) => ({ event, campaign: 'test' })), ...materials.map((event) => ({ event }))];
}

export function result(materialId: string, g: number, more: Partial<ToldResult> = {}): ToldResult {
  const values = [
    { target: 'g_vrh', value: g },
    { target: 'k_vrh', value: 2 * g },
  ];
  const none = { calculationId: undefined, attempt: undefined, failure: undefined, method: undefined };
  const place = { provenance: 'r.csv: row 2', restore: false };
  return { materialId, ...none, material: undefined, values, tensor: [], ...place, ...more };
}
export const failure = (materialId: string, reason: string, attempt?: number) =>
  result(materialId, 1, { values: [], failure: reason, attempt });
