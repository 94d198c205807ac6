import { expect, it } from 'vitest';
import { roundContents } from '../../../src/learning/campaign/round-contents.ts';
import { freezeData } from '../../../src/learning/data/campaign-data.ts';
import { trainingLabels } from '../../../src/learning/data/training-set.ts';
import { memberRows } from '../../../src/learning/ensemble/member-split.ts';
import { splitRows } from '../../../src/learning/ensemble/split-rows.ts';
import { createdWith, labelledCatalogue, PARTITIONS } from '../../support/catalogues.ts';

it('splitRows tells by id what the members train on', () => {
  const created = createdWith({ ensemble: { ...createdWith().config.ensemble, members: 3 } });
  const catalogue = labelledCatalogue(60);
  const frozen = freezeData(created, catalogue);
  const basis = { created, frozen, catalogue, selectedBefore: new Set<string>(), partitions: PARTITIONS };
  const { training, test } = roundContents(basis);
  const split = splitRows({ training, test }, created);
  expect(new Set(split.test)).toEqual(frozen.testSet);
  expect(split.members.map(({ seed }) => seed)).toEqual([0, 1, 2]);
  const labels = trainingLabels(training, created.config, created.campaign, new Map());
  for (const { seed, g_vrh, k_vrh } of split.members) {
    const { training: rows, heldOut } = memberRows(labels, seed, created.config.sampling);
    const idOf = (row: number) => training[row]!.facts.materialId;
    expect(g_vrh).toEqual(Array.from(rows[0]!, idOf));
    expect(k_vrh).toEqual(Array.from(rows[1]!, idOf));
    expect(Array.from(heldOut[0]!, idOf).some((id) => g_vrh!.includes(id))).toBe(false);
  }
  expect(new Set(split.members.map(({ g_vrh }) => g_vrh!.join())).size).toBe(3);
});
