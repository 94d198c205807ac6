import { COMPOSITION_FEATURES } from './composition-features.ts';
import { type CellChoice, MP_PROPERTIES } from './mp-properties.ts';
import { STRUCTURE_FEATURES } from './structure-features.ts';

export type FeatureGroup = 'mp' | 'composition' | 'structure';

export interface Feature {
  /** matminer's label, or the Materials Project's field name. */
  readonly label: string;
  /** `1` for a number without unit. */
  readonly unit: string;
  readonly group: FeatureGroup;
}

const grouped = (group: FeatureGroup, features: readonly { label: string; unit: string }[]): Feature[] =>
  features.map(({ label, unit }) => ({ label, unit, group }));

/** All 281 features in the order of the feature vector: 8 Materials Project, 145 composition, 128 structure. */
export const FEATURES: readonly Feature[] = [
  ...grouped('mp', MP_PROPERTIES),
  ...grouped('composition', COMPOSITION_FEATURES),
  ...grouped('structure', STRUCTURE_FEATURES),
];

export const MP_OFFSET = 0;
export const COMPOSITION_OFFSET = MP_PROPERTIES.length;
export const STRUCTURE_OFFSET = COMPOSITION_OFFSET + COMPOSITION_FEATURES.length;

/**
 * all: everything; c+s: composition and structure; c, s: one of the two alone; paper: everything except formation
 * energy and energy above hull, because these need DFT results that a candidate does not have yet (Jo, Choi, Kim, Min;
 * final model).
 */
export const FEATURE_SETS = ['all', 'c+s', 'c', 's', 'paper'] as const;
export type FeatureSet = (typeof FEATURE_SETS)[number];

const NEED_MORE_DFT: ReadonlySet<string> = new Set(['formation_energy_per_atom', 'energy_above_hull']);

const MEMBERSHIP: Readonly<Record<FeatureSet, (feature: Feature) => boolean>> = {
  all: () => true,
  'c+s': ({ group }) => group !== 'mp',
  c: ({ group }) => group === 'composition',
  s: ({ group }) => group === 'structure',
  paper: ({ label }) => !NEED_MORE_DFT.has(label),
};

/** Int32Array, ascending: the indices of a set's features in the feature vector. */
export function featureIndices(set: FeatureSet): Int32Array {
  return Int32Array.from(FEATURES.flatMap((feature, index) => (MEMBERSHIP[set](feature) ? [index] : [])));
}

/** Increase this whenever a value of the feature vector may change. */
const SCHEMA_VERSION = 1;

/** The name of a schema: version and choice of cell. Never mix vectors of different schemas. */
export function featureSchemaId(cell: CellChoice): string {
  return `elastream-281-v${SCHEMA_VERSION}${cell === 'primitive' ? '' : `-${cell}`}`;
}
