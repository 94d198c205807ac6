/**
 * Created examples/elastic-tensor-2015.jsonl.gz; needed only to create it again. examples/README.md names the source.
 *
 *   node tools/convert-elastic-tensor-2015.mjs elastic_tensor_2015.json.gz examples/elastic-tensor-2015.jsonl.gz
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

const [input, output] = process.argv.slice(2);
const table = JSON.parse(gunzipSync(readFileSync(input)).toString());

const lines = table.data.map((cells) => {
  const source = Object.fromEntries(table.columns.map((column, i) => [column, cells[i]]));
  const { lattice, sites } = source.structure;
  return JSON.stringify({
    material_id: source.material_id,
    lattice: lattice.matrix,
    species: sites.map((site) => site.species[0].element),
    frac_coords: sites.map((site) => site.abc),
    space_group: source.space_group,
    g_vrh: source.G_VRH,
    k_vrh: source.K_VRH,
    elastic_anisotropy: source.elastic_anisotropy,
    poisson_ratio: source.poisson_ratio,
    // As computed, in the axes of `lattice`. The source's `elastic_tensor` is rotated to the IEEE axes (see mp-938).
    elastic_tensor: source.elastic_tensor_original.data,
    source: 'dejong-2015',
  });
});
writeFileSync(output, gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
