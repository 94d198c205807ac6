import { describe, expect, it } from 'vitest';
import { createReplayCalculator } from '../../../src/adapters/calculators/replay-calculator.ts';
import { contentHash } from '../../../src/model/content-hash.ts';
import { createLabel, type Label, type LabelContent } from '../../../src/model/label.ts';
import { parseMaterialId } from '../../../src/model/material-id.ts';
import { calculationId, type ReplayRecipe, recipeText } from '../../../src/model/recipe.ts';
import type { CalculationJob } from '../../../src/ports/calculator.ts';
import { calculatorContract } from '../../contract/calculator.contract.ts';
import { createVirtualClock } from '../../support/simulation/virtual-clock.ts';

const silicon = parseMaterialId('mp-149');
const version = contentHash('material', ['silicon']);
const label = (change: Partial<LabelContent> = {}): Label =>
  createLabel({
    materialId: silicon,
    materialHash: version,
    labelSet: 'mp',
    method: { kind: 'dft', code: 'VASP', functional: 'PBE', relaxedIon: true },
    provenance: 'rows.jsonl: line 17',
    values: { g_vrh: 61, k_vrh: 83 },
    ...change,
  });

function job(change: Partial<ReplayRecipe> = {}): CalculationJob {
  const recipe = recipeText({
    kind: 'replay',
    campaign: 'na-ion',
    seed: 7,
    labels: [{ labelSet: 'mp' }, { labelSet: 'other', methods: ['dft'] }],
    failureRate: 0,
    neverReturningRate: 0,
    delaySeconds: 0,
    ...change,
  });
  const id = calculationId(version, recipe);
  return { calculationId: id, attempt: 1, materialId: silicon, materialHash: version, recipe };
}

function replay(known: readonly Label[], change: Partial<ReplayRecipe> = {}) {
  const calculator = createReplayCalculator({
    knownLabels: async (materialId) => known.filter((each) => each.materialId === materialId),
    clock: createVirtualClock(),
  });
  return calculator.run(job(change), new AbortController().signal);
}

describe('as a Calculator', () => {
  calculatorContract(() => {
    const clock = createVirtualClock();
    const calculator = createReplayCalculator({ knownLabels: async () => [label()], clock });
    const simulated = job().recipe.replace('"replay"', '"simulated"');
    const without = (field: string) => job().recipe.replace(new RegExp(`"${field}":("[^"]*"|\\[.*?\\]),`), '');
    const foreignRecipes = [simulated, without('campaign'), without('labels'), job({ labels: [] }).recipe];
    return { calculator, job, foreignRecipes, pass: clock.advance };
  });
});

describe('replay', () => {
  it('reveals a label, tensor included, by its method, as a replay', async () => {
    const tensor = Float64Array.from({ length: 36 }, (_, i) => i);
    expect(await replay([label({ tensor })])).toEqual({
      outcome: 'completed',
      method: { kind: 'replay', code: 'VASP', functional: 'PBE', relaxedIon: true },
      values: { g_vrh: 61, k_vrh: 83 },
      tensor,
    });
  });

  it('takes the most trusted accepted label, in whatever order they are known', async () => {
    const known = [
      label({ labelSet: 'other', values: { g_vrh: 1 } }),
      label({ labelSet: 'foreign', values: { g_vrh: 2 } }),
      label({ values: { g_vrh: 3 } }),
    ];
    expect(await replay(known)).toMatchObject({ values: { g_vrh: 3 } });
    expect(await replay(known.toReversed())).toMatchObject({ values: { g_vrh: 3 } });
  });

  it('fails, naming material and sets, where no accepted label of this very version is known', async () => {
    const unfit = [
      label({ materialHash: contentHash('material', ['strained']) }),
      label({ labelSet: 'foreign' }),
      label({ labelSet: 'other', method: { kind: 'simulated' } }),
    ];
    expect(await replay(unfit)).toEqual({
      outcome: 'failed',
      reason: 'no label is known of mp-149 with this structure in mp, other (dft); replay can reveal none',
    });
  });

  it('passes on that the labels cannot be reached', async () => {
    const unavailable = new Error('the result store is away');
    const calculator = createReplayCalculator({
      knownLabels: () => Promise.reject(unavailable),
      clock: createVirtualClock(),
    });
    await expect(calculator.run(job(), new AbortController().signal)).rejects.toBe(unavailable);
  });
});
