import { built } from './built.mjs';
import { checked } from './checked.mjs';

const { FEATURES } = await built('src/featurizers/feature-schema');
const { createMaterialFeaturizer } = await built('src/featurizers/material-featurizer');
const { latticeFromParameters } = await built('src/model/lattice');
const { RejectedInput } = await built('src/model/rejection');
const { createStructure } = await built('src/model/structure');

const CELL_BYTES = 6;
const SITE_BYTES = 4;
const SITES_MAX = 300;
const featurizer = createMaterialFeaturizer({ cell: 'primitive' });

/**
 * Six bytes for the cell (edges up to 64 Angstrom, angles from 20 to 160 degrees), four for each site. It must give
 * features, each finite or unknown, or a rejection.
 */
export const fuzz = checked((bytes) => {
  const count = Math.min(SITES_MAX, Math.floor((bytes.length - CELL_BYTES) / SITE_BYTES));
  if (count < 1) return;
  const [a, b, c, alpha, beta, gamma] = bytes;
  const edge = (byte) => (byte + 1) / 4;
  const angle = (byte) => 20 + (140 * byte) / 255;
  const atomicNumbers = new Uint8Array(count);
  const coords = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) {
    const at = CELL_BYTES + SITE_BYTES * i;
    atomicNumbers[i] = 1 + (bytes[at] % 94);
    for (let k = 0; k < 3; k++) coords[3 * i + k] = bytes[at + 1 + k] / 240;
  }
  const vector = new Float64Array(FEATURES.length);
  try {
    const cell = { a: edge(a), b: edge(b), c: edge(c), alpha: angle(alpha), beta: angle(beta), gamma: angle(gamma) };
    const structure = createStructure(latticeFromParameters(cell), atomicNumbers, coords);
    featurizer.featurize({ id: 'fuzz', structure }, vector);
  } catch (error) {
    if (error instanceof RejectedInput) return;
    throw error;
  }
  const odd = vector.findIndex((value) => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY);
  if (odd >= 0) throw new Error(`feature ${odd} is ${vector[odd]}`);
});
