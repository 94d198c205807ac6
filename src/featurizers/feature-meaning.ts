/** Properties of an element in Magpie's tables. */
const ELEMENT_PROPERTIES: Readonly<Record<string, string>> = {
  Number: 'atomic number',
  MendeleevNumber: 'Mendeleev number',
  AtomicWeight: 'atomic weight',
  MeltingT: 'melting point',
  Column: 'group in the periodic table',
  Row: 'period in the periodic table',
  CovalentRadius: 'covalent radius',
  Electronegativity: 'electronegativity',
  NsValence: 'number of s valence electrons',
  NpValence: 'number of p valence electrons',
  NdValence: 'number of d valence electrons',
  NfValence: 'number of f valence electrons',
  NValence: 'number of valence electrons',
  NsUnfilled: 'number of empty s states',
  NpUnfilled: 'number of empty p states',
  NdUnfilled: 'number of empty d states',
  NfUnfilled: 'number of empty f states',
  NUnfilled: 'number of empty valence states',
  GSvolume_pa: 'volume per atom, pure element',
  GSbandgap: 'band gap, pure element',
  GSmagmom: 'magnetic moment, pure element',
  SpaceGroupNumber: 'space group number, pure element',
};

/** Over the elements, weighted by their amounts; the mode is of the one that there is most of. */
const STATISTICS: Readonly<Record<string, string>> = {
  minimum: 'lowest',
  maximum: 'highest',
  range: 'range of the',
  mean: 'mean',
  avg_dev: 'spread of the',
  mode: "main element's",
};

/** Quantities of a site or of the whole crystal, and of a composition. */
const QUANTITIES: Readonly<Record<string, string>> = {
  CN_VoronoiNN: 'coordination number',
  'neighbor distance variation': 'variation of bond lengths at a site',
  'mean absolute deviation in relative bond length': 'spread of bond lengths among sites',
  'max relative bond length': "longest of the sites' mean bond lengths, relative",
  'min relative bond length': "shortest of the sites' mean bond lengths, relative",
  'mean absolute deviation in relative cell size': 'spread of the volumes around sites',
  'max packing efficiency': 'share of space that touching balls would fill',
  'compound possible': 'whether charges can balance',
  'max ionic char': 'ionic character of the most ionic pair of elements',
  'avg ionic char': 'mean ionic character of pairs of elements',
  '0-norm': 'number of elements, from the formula',
  volume: 'volume of the cell',
  density: 'mass per volume',
  band_gap: 'band gap by DFT',
  formation_energy_per_atom: 'energy gained from the elements, by DFT',
  energy_above_hull: 'energy above the stable phases, by DFT',
  nsites: 'atoms in the cell',
  nelements: 'number of elements',
  crystal_system: 'crystal system, 1 triclinic to 7 cubic',
};

const OVER_SITES: Readonly<Record<string, string>> = {
  min: 'lowest',
  mean: 'mean',
  max: 'highest',
  std: 'spread of the',
};

/** Features of bonds and geometry; springs hold neighbours with the strength of their bond. */
const GEOMETRY: Readonly<Record<string, string>> = {
  volume_over_elemental: "volume relative to the pure elements'",
  k_voigt_elements: "pure elements' bulk moduli, mixed by volume as if strained alike",
  k_reuss_elements: "pure elements' bulk moduli, mixed by volume as if stressed alike",
  k_reuss_compressed: 'the same mixture, stiffer where the crystal is denser than it',
  valence_density: 'valence electrons per volume',
  valence_density_5_3: 'pressure of a gas of the valence electrons',
  volume_per_atom: 'volume per atom',
  electron_density: 'electrons per volume',
  dx_near: 'mean difference in electronegativity to near neighbours',
  dx_near_max: 'largest difference in electronegativity between near neighbours',
  d_near: 'mean distance of near neighbours',
  'd_near_-3.5': 'mean of distance to the power of -3.5, near neighbours',
  cohen_k: "bulk modulus by Cohen's rule for bonds",
  ionic_density: 'strength of bonds per volume, weighted by their ionic character',
  spring_k: 'bulk modulus of the network of bonds',
  spring_g_voigt: 'shear modulus of the network of bonds, strained alike',
  spring_lowest: 'least stiffness of the network of bonds',
  spring_highest: 'largest stiffness of the network of bonds',
  spring_ratio: 'least by largest stiffness of the network of bonds',
  spring_k_reuss: 'bulk modulus of the network of bonds, stressed alike',
  spring_g_reuss: 'shear modulus of the network of bonds, stressed alike',
  imbalance: 'force on atoms that follow a strain, which they would yield to',
  imbalance_relative: 'the same force relative to the strength of the bonds',
};

const PER_SITE: Readonly<Record<string, string>> = {
  nearest: 'distance of the nearest neighbour',
  nearest_scaled: 'distance of the nearest neighbour, in sums of atomic radii',
  coordination: 'number of near neighbours',
  inv3: 'sum of distance to the power of -3',
  inv4: 'sum of distance to the power of -4',
  inv6: 'sum of distance to the power of -6',
  inv9: 'sum of distance to the power of -9',
  bond: 'strength of the bonds of a site',
};

function geometricMeaning(label: string): string | undefined {
  if (GEOMETRY[label] !== undefined) return GEOMETRY[label];
  const [, kind, bin] = /^(distances|angles)_(\d+)$/.exec(label) ?? [];
  if (kind === 'distances') {
    const from = (7 + Number(bin)) / 10;
    return `neighbours at ${from.toFixed(1)} to ${(from + 0.1).toFixed(1)} sums of atomic radii`;
  }
  if (kind === 'angles')
    return `share of angles between near neighbours, class ${Number(bin) + 1} of 8 from straight to acute`;
  const [, name, statistic] = /^(\w+)_(min|mean|max|std|density)$/.exec(label) ?? [];
  const what = PER_SITE[name ?? ''];
  if (what === undefined) return undefined;
  return statistic === 'density' ? `${what}, per volume` : `${OVER_SITES[statistic!]} ${what}`;
}

/**
 * What a feature is, in a few plain words. Made from the parts of matminer's names: table, statistic, property.
 * Source: the definitions of Ward et al., npj Comput. Mater. 2, 16028 (2016) and Phys. Rev. B 96, 024104 (2017).
 */
export function featureMeaning(label: string): string | undefined {
  const quantity = QUANTITIES[label] ?? geometricMeaning(label);
  if (quantity !== undefined) return quantity;
  const [, order] = /^(\d+)-norm$/.exec(label) ?? [];
  if (order !== undefined) return `how unevenly elements share the formula, order ${order}`;
  const [, orbital] = /^frac ([spdf]) valence electrons$/.exec(label) ?? [];
  if (orbital !== undefined) return `share of ${orbital} among the valence electrons`;
  const [, shell] = /^mean ordering parameter shell (\d)$/.exec(label) ?? [];
  if (shell !== undefined) return `how ordered the elements are, neighbour shell ${shell}`;
  const [, statistic, name] = /^(?:MagpieData )?(\w+) (.+)$/.exec(label) ?? [];
  const words = STATISTICS[statistic ?? ''];
  if (words === undefined || name === undefined) return undefined;
  if (label.startsWith('MagpieData ')) {
    const property = ELEMENT_PROPERTIES[name];
    return property && `${words} ${property}`;
  }
  const [, differing] = /^local difference in (\w+)$/.exec(name) ?? [];
  if (differing === undefined) return QUANTITIES[name] && `${words} ${QUANTITIES[name]}`;
  const property = ELEMENT_PROPERTIES[differing]?.replace(/^number of |, pure element$/, '');
  return property && `${words} step in ${property} to neighbours`;
}
