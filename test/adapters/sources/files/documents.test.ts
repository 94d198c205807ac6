import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../../deploy/local/scratch.ts';
import { openFileSource } from '../../../../src/adapters/sources/files/file-source.ts';
import type { SourceItem } from '../../../../src/ports/material-source.ts';
import { collected } from '../../../support/events.ts';

const MATBENCH = fileURLToPath(new URL('../../../fixtures/tables/matbench.json', import.meta.url));
const scratch = scratchDirectory();
afterAll(() => scratch.remove());
let files = 0;

async function read(content: unknown, name = 'doc.json'): Promise<SourceItem[]> {
  const path = join(scratch.path, `${++files}-${name}`);
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return collected((await openFileSource(path)).read());
}

/** `id: 3/8` with G and K, `id` without a label, or code and place of a rejection. */
const word = (item: SourceItem) => {
  if (item.kind === 'rejection') return `${item.rejection.code} at ${item.rejection.locator ?? 'file'}`;
  const { g_vrh: g, k_vrh: k } = item.label?.values ?? {};
  const short = (value: number | undefined) => (value === undefined ? '-' : Number(value.toPrecision(6)));
  return item.label ? `${item.material.id}: ${short(g)}/${short(k)}` : item.material.id;
};
const outline = async (content: unknown, name?: string) => (await read(content, name)).map(word);

const structure = (edge: number) => ({
  '@module': 'pymatgen.core.structure',
  '@class': 'Structure',
  charge: 0,
  lattice: {
    matrix: [
      [edge, 0, 0],
      [0, edge, 0],
      [0, 0, edge],
    ],
    pbc: [true, true, true],
  },
  properties: {},
  sites: [{ species: [{ element: 'Na', occu: 1 }], abc: [0, 0, 0], label: 'Na', properties: {} }],
});
/** A cubic tensor whose numbers say where they came from. */
const tensor = (c11: number) =>
  [0, 1, 2, 3, 4, 5].map((i) =>
    [0, 1, 2, 3, 4, 5].map((j) => (i === j ? (i < 3 ? c11 : 20) : i < 3 && j < 3 ? 10 : 0)),
  );
const averages = (vrh: number) => ({ voigt: vrh + 1, reuss: vrh - 1, vrh });
const elasticity = (id: string, edge: number) => ({
  material_id: id,
  structure: structure(edge),
  order: 2,
  elastic_tensor: { raw: tensor(50.25), ieee_format: tensor(50) },
  bulk_modulus: averages(24.5),
  shear_modulus: averages(12.25),
  state: 'successful',
  warnings: null,
  deprecated: false,
});
const tensorOf = (item: SourceItem | undefined) => (item?.kind === 'material' ? item.label?.tensor?.[0] : undefined);

describe('documents of the Materials Project', () => {
  const docs = [elasticity('mp-149', 3), elasticity('mp-aaaaaama', 3.1)];
  const words = ['mp-149: 12.25/24.5', 'mp-aaaaaama: 12.25/24.5'];

  it('are read as a list, as the reply of its API, as JSON lines, and compressed', async () => {
    expect(await outline(docs)).toEqual(words);
    expect(await outline({ data: docs, meta: { total_doc: 2, max_limit: 1000 } })).toEqual(words);
    expect(await outline(docs.map((doc) => JSON.stringify(doc)).join('\n'), 'docs.jsonl')).toEqual(words);
    expect(await outline(docs, 'docs.json.gz')).toEqual(words);
    expect(await outline(docs[0])).toEqual(words.slice(0, 1));
  });

  it('give the raw tensor, which is not rounded', async () => {
    expect(tensorOf((await read(docs))[0])).toBe(50.25);
  });

  it('keep the properties that summaries give', async () => {
    const [item] = await read([
      { ...docs[0], band_gap: 1.5, formation_energy_per_atom: -2, energy_above_hull: 0, nsites: 1 },
    ]);
    expect(item).toMatchObject({ material: { bandGap: 1.5, formationEnergyPerAtom: -2, energyAboveHull: 0 } });
  });

  it('without moduli are materials without a label', async () => {
    expect(await outline([{ ...docs[0], elastic_tensor: null, bulk_modulus: null, shear_modulus: null }])).toEqual([
      'mp-149',
    ]);
    expect(await outline([{ material_id: 'mp-1', structure: structure(3), bulk_modulus: null }])).toEqual(['mp-1']);
  });

  it('of a failed or withdrawn fit keep the structure without its label', async () => {
    expect(
      await outline([
        { ...docs[0], state: 'failed' },
        { ...docs[1], deprecated: true },
      ]),
    ).toEqual([...['mp-149', 'missing_field at entry 1', 'mp-aaaaaama', 'missing_field at entry 2']]);
  });

  it('of older dumps are understood', async () => {
    const old = {
      material_id: 'mp-3',
      structure: structure(3),
      elasticity: { G_VRH: 5, K_VRH: 9, elastic_tensor: tensor(50) },
    };
    const [item] = await read([old]);
    expect([word(item!), tensorOf(item)]).toEqual(['mp-3: 5/9', 50]);
  });
});

describe('documents of atomate2', () => {
  const doc = {
    structure: structure(3),
    elastic_tensor: { raw: tensor(50.25), ieee_format: tensor(50) },
    derived_properties: { k_voigt: 25, k_reuss: 24, k_vrh: 24.5, g_voigt: 13, g_reuss: 12, g_vrh: 12.5, y_mod: 3e10 },
    fitting_data: { failed_uuids: [] },
  };

  it('have names of their own', async () => {
    expect(await outline(doc, 'si.json')).toEqual([expect.stringMatching(/^\d+-si: 12.5\/24.5$/)]);
  });

  it('from what was left of the deformations are refused', async () => {
    const [, item] = await read({ ...doc, fitting_data: { failed_uuids: ['a', 'b'] } });
    expect(item).toMatchObject({
      rejection: { message: expect.stringContaining('failed_uuids names 2 deformations') },
    });
  });
});

describe("pymatgen's ElasticTensor.as_dict", () => {
  const full = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) =>
      [0, 1, 2].map((k) =>
        [0, 1, 2].map((l) => {
          if (i === j && k === l) return i === k ? 50 : 10;
          return (i === k && j === l) || (i === l && j === k) ? 20 : 0;
        }),
      ),
    ),
  );

  it('is a tensor, full or in Voigt order', async () => {
    for (const array of [full, tensor(50)]) {
      const given = {
        '@module': 'pymatgen.analysis.elasticity.elastic',
        '@class': 'ElasticTensor',
        input_array: array,
      };
      const [item] = await read({
        material_id: 'x',
        structure: structure(3),
        g_vrh: 20,
        k_vrh: 23,
        elastic_tensor: given,
      });
      expect(item?.kind === 'material' && Array.from(item.label!.tensor!)).toEqual(tensor(50).flat());
    }
  });
});

describe('DataFrames', () => {
  const rows = [1, 2, 3].map((i) => ({
    mpid: `mp-${i}`,
    structure: structure(3 + i / 10),
    G_VRH: 10 * i,
    K_VRH: 20 * i,
  }));
  const words = ['mp-1: 10/20', 'mp-2: 20/40', 'mp-3: 30/60'];
  const columns = Object.keys(rows[0]!);

  it.each([
    ['records', rows],
    ['split', { columns, index: [0, 1, 2], data: rows.map((row) => Object.values(row)) }],
    [
      'columns',
      Object.fromEntries(
        columns.map((name) => [
          name,
          Object.fromEntries(rows.map((row, i) => [i, Object.values(row)[columns.indexOf(name)]])),
        ]),
      ),
    ],
    ['index', Object.fromEntries(rows.map((row, i) => [i, row]))],
  ])("are read in pandas' orient=%s", async (_, frame) => expect(await outline(frame)).toEqual(words));

  it('are read as JSON lines, their structures as text too', async () => {
    const lines = rows.map((row) => JSON.stringify({ ...row, structure: JSON.stringify(row.structure) })).join('\n');
    expect(await outline(lines, 'rows.jsonl')).toEqual(words);
  });

  it('of Matbench have logarithms, and this is said', async () => {
    const notes: string[] = [];
    const source = await openFileSource(MATBENCH, { onNote: (line) => void notes.push(line) });
    expect((await collected(source.read())).map(word)).toEqual([
      ...['matbench#1: 14/-', 'matbench#2: 50.5/-', 'matbench#3: 120/-', 'matbench#4'],
    ]);
    expect(notes).toEqual(['matbench.json: columns g=log10(G_VRH) [log10(GPa)], structure=structure']);
  });

  it('of matminer have more than one structure and tensor', async () => {
    const row = {
      ...{ material_id: 'mp-10003', formula: 'Na', nsites: 1, space_group: 221, volume: 27, structure: structure(3) },
      ...{
        elastic_anisotropy: 0.03,
        G_Reuss: 96.8,
        G_VRH: 97.25,
        G_Voigt: 97.6,
        K_Reuss: 194,
        K_VRH: 194.5,
        K_Voigt: 195,
      },
      ...{
        poisson_ratio: 0.28,
        elastic_tensor: tensor(311),
        elastic_tensor_original: tensor(311.5),
        cif: '#',
        poscar: 'x',
      },
    };
    const frame = { index: [0], columns: Object.keys(row), data: [Object.values(row)] };
    for (const content of [frame, [row]]) {
      const [item] = await read(content);
      expect([word(item!), tensorOf(item)]).toEqual(['mp-10003: 97.25/194.5', 311.5]);
      expect(item).toMatchObject({ material: { spaceGroup: 221 } });
    }
  });
});

describe('a list that is damaged', () => {
  it('gives what stands before', async () => {
    const text = JSON.stringify([elasticity('a', 3), elasticity('b', 3.1), elasticity('c', 3.2)]);
    expect(await outline(text.slice(0, -20))).toEqual(['a: 12.25/24.5', 'b: 12.25/24.5', 'truncated at file']);
    expect(await outline(`[{"material_id":"x"},5,${text.slice(1)}`)).toEqual([
      ...['missing_field at entry 1', 'bad_syntax at entry 2', 'a: 12.25/24.5', 'b: 12.25/24.5', 'c: 12.25/24.5'],
    ]);
  });
});
