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

/**
 * What a feature is, in a few plain words. Made from the parts of matminer's names: table, statistic, property.
 * Source: the definitions of Ward et al., npj Comput. Mater. 2, 16028 (2016) and Phys. Rev. B 96, 024104 (2017).
 */
export function featureMeaning(label: string): string | undefined {
  const quantity = QUANTITIES[label];
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
