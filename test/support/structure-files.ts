import { latticeParameters } from '../../src/model/lattice.ts';

/** A row of the example data. */
export interface ExampleRow {
  readonly material_id: string;
  readonly lattice: readonly (readonly number[])[];
  readonly species: readonly string[];
  readonly frac_coords: readonly (readonly number[])[];
  readonly g_vrh: number;
  readonly k_vrh: number;
}

/** The row's structure as a CIF without symmetry. */
export function cifText({ lattice, species, frac_coords: coords }: ExampleRow): string {
  const { a, b, c, alpha, beta, gamma } = latticeParameters(lattice.flat());
  const lengths = Object.entries({ a, b, c }).map(([name, edge]) => `_cell_length_${name} ${edge}`);
  const angles = Object.entries({ alpha, beta, gamma }).map(([name, angle]) => `_cell_angle_${name} ${angle}`);
  const columns = ['type_symbol', 'fract_x', 'fract_y', 'fract_z'].map((name) => `_atom_site_${name}`);
  const sites = species.map((symbol, i) => `${symbol} ${coords[i]!.join(' ')}`);
  return `${['data_x', ...lengths, ...angles, 'loop_', ...columns, ...sites].join('\n')}\n`;
}
