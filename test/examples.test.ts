import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compliance, hillAverages, reussAverages, voigtAverages } from '../src/kernels/elasticity/averages.ts';
import { createElasticTensor } from '../src/model/elastic-tensor.ts';

interface Row {
  readonly material_id: string;
  readonly species: readonly string[];
  readonly frac_coords: readonly (readonly number[])[];
  readonly g_vrh: number;
  readonly k_vrh: number;
  readonly elastic_tensor: readonly (readonly number[])[];
}

/** Relative. The published averages come from tensors with more digits; the furthest is 3.4e-4 off. */
const TOLERANCE = 5e-4;

describe('examples/elastic-tensor-2015.jsonl.gz', () => {
  const text = gunzipSync(readFileSync('examples/elastic-tensor-2015.jsonl.gz')).toString();
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

  it('holds the 1,181 materials and 14,675 sites of de Jong et al. 2015', () => {
    expect(new Set(rows.map((row) => row.material_id)).size).toBe(1181);
    expect(rows.reduce((sites, row) => sites + row.species.length, 0)).toBe(14675);
    expect(rows.filter((row) => row.species.length !== row.frac_coords.length)).toEqual([]);
  });

  it('gives with our kernels the published Hill averages', () => {
    const off = rows.filter((row) => {
      const { stiffness } = createElasticTensor(row.elastic_tensor.flat());
      const hill = hillAverages(voigtAverages(stiffness), reussAverages(compliance(stiffness)));
      return Math.abs(hill.shear / row.g_vrh - 1) > TOLERANCE || Math.abs(hill.bulk / row.k_vrh - 1) > TOLERANCE;
    });
    expect(off.map((row) => row.material_id)).toEqual([]);
  });
});
