import { expect, it } from 'vitest';
import { COMPOSITION_OFFSET, FEATURES, featureIndices } from '../../src/featurizers/feature-schema.ts';
import { createMaterialFeaturizer } from '../../src/featurizers/material-featurizer.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import { createStructure } from '../../src/model/structure.ts';
import { featureDifferences, GOLDEN_TOLERANCE } from '../support/feature-differences.ts';
import { type ReferenceRow, readJsonLines, structureOfRow } from '../support/reference-rows.ts';
import { describeWithShared } from '../support/shared-data.ts';

const LABELS = FEATURES.slice(COMPOSITION_OFFSET).map(({ label }) => label);
const featurizer = createMaterialFeaturizer({ cell: 'primitive' });

interface GoldenRow {
  readonly material_id: string;
  readonly features: readonly (number | null)[];
}

/** Composition and structure features, the row's coordinates moved by `image(i)` whole cells. */
function featuresOf(row: ReferenceRow, image: (i: number) => number = () => 0): Float64Array {
  const given = structureOfRow(row);
  const coords = given.fracCoords.map((x, i) => x + image(i));
  const structure = createStructure(given.lattice, given.atomicNumbers, coords);
  const out = new Float64Array(FEATURES.length);
  featurizer.featurize({ id: parseMaterialId(row.material_id), structure, spaceGroup: row.space_group }, out);
  return out.subarray(COMPOSITION_OFFSET);
}

describeWithShared('the reference data', (shared) => {
  it('has matminer 0.10.1 agree on every row, without exception', () => {
    const [header, ...golden] = readJsonLines<GoldenRow & { labels: string[] }>(
      shared('golden/matminer-0.10.1.jsonl.gz'),
    );
    const rows = readJsonLines<ReferenceRow>(shared('data/mp-elastic.jsonl.gz'));
    const byId = new Map(rows.map((row) => [row.material_id, row]));
    expect(LABELS).toEqual(header!.labels);
    expect(golden.length).toBeGreaterThan(1000);
    const wrong = golden.flatMap(({ material_id: id, features }) => {
      const differs = featureDifferences(LABELS, featuresOf(byId.get(id)!), features, GOLDEN_TOLERANCE);
      return differs.length === 0 ? [] : [{ id, differs }];
    });
    expect(wrong).toEqual([]);
  });

  it('gives the same features for coordinates of 1.0, below 0 or far outside the cell', () => {
    const rows = readJsonLines<ReferenceRow>(shared('data/mp-elastic.jsonl.gz')).filter((_, i) => i % 50 === 0);
    const wrong = rows.flatMap((row) => {
      const moved = featuresOf(row, (i) => (i % 5) - 2);
      const differs = featureDifferences(LABELS, moved, featuresOf(row), { relative: 1e-9, absolute: 1e-9 });
      return differs.length === 0 ? [] : [{ id: row.material_id, differs }];
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ['mp-elastic', 9_564],
    ['mp-na-candidates', 12_412],
  ])('%s: every structure has all its features', (name, count) => {
    const rows = readJsonLines<ReferenceRow>(shared(`data/${name}.jsonl.gz`));
    expect(rows).toHaveLength(count);
    const known = featureIndices('c+s').length;
    const wrong = rows.filter((row) => featuresOf(row).filter(Number.isFinite).length !== known);
    expect(wrong.map(({ material_id }) => material_id)).toEqual([]);
  });
});
