import { COMPOSITION_FEATURES } from './composition-features.ts';
import { GEOMETRIC_FEATURES } from './geometric-features.ts';
import { type CellChoice, MP_PROPERTIES } from './mp-properties.ts';
import { STRUCTURE_FEATURES } from './structure-features.ts';

export type FeatureGroup = 'mp' | 'composition' | 'structure' | 'geometry';

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

/** The 281 features and after them 77 of bonds and geometry: those of the schema `elastream-358-v1`. */
export const ALL_FEATURES: readonly Feature[] = [...FEATURES, ...grouped('geometry', GEOMETRIC_FEATURES)];

export const MP_OFFSET = 0;
export const COMPOSITION_OFFSET = MP_PROPERTIES.length;
export const STRUCTURE_OFFSET = COMPOSITION_OFFSET + COMPOSITION_FEATURES.length;
export const GEOMETRY_OFFSET = STRUCTURE_OFFSET + STRUCTURE_FEATURES.length;

/**
 * all: all 281; c+s: composition and structure; c, s: one of the two alone; paper: everything except formation
 * energy and energy above hull, because these need DFT results that a candidate does not have yet (Jo, Choi, Kim, Min;
 * final model).
 */
const BASE_FEATURE_SETS = ['all', 'c+s', 'c', 's', 'paper'] as const;
/** g: bonds and geometry alone; with +g: beside another set. They need vectors of the schema `elastream-358-v1`. */
const GEOMETRIC_FEATURE_SETS = ['all+g', 'paper+g', 'c+s+g', 'g'] as const;
export const FEATURE_SETS = [...BASE_FEATURE_SETS, ...GEOMETRIC_FEATURE_SETS] as const;
export type FeatureSet = (typeof FEATURE_SETS)[number];

/** Whether a set needs the features of bonds and geometry. */
export function isGeometric(set: FeatureSet): boolean {
  return (GEOMETRIC_FEATURE_SETS as readonly string[]).includes(set);
}

/** The features of the schema that a set needs, in the order of its vectors. */
export function schemaFeatures(set: FeatureSet): readonly Feature[] {
  return isGeometric(set) ? ALL_FEATURES : FEATURES;
}

const NEED_MORE_DFT: ReadonlySet<string> = new Set(['formation_energy_per_atom', 'energy_above_hull']);

const MEMBERSHIP: Readonly<Record<FeatureSet, (feature: Feature) => boolean>> = {
  all: ({ group }) => group !== 'geometry',
  'c+s': ({ group }) => group === 'composition' || group === 'structure',
  c: ({ group }) => group === 'composition',
  s: ({ group }) => group === 'structure',
  paper: ({ label, group }) => group !== 'geometry' && !NEED_MORE_DFT.has(label),
  'all+g': () => true,
  'paper+g': ({ label }) => !NEED_MORE_DFT.has(label),
  'c+s+g': ({ group }) => group !== 'mp',
  g: ({ group }) => group === 'geometry',
};

/** Int32Array, ascending: the indices of a set's features in the feature vector. */
export function featureIndices(set: FeatureSet): Int32Array {
  return Int32Array.from(ALL_FEATURES.flatMap((feature, index) => (MEMBERSHIP[set](feature) ? [index] : [])));
}

/** Increase this whenever a value of the feature vector may change. */
const SCHEMA_VERSION = 1;

/** The name of a schema: features, version and choice of cell. Never mix vectors of different schemas. */
export function featureSchemaId(cell: CellChoice, features: readonly Feature[] = FEATURES): string {
  return `elastream-${features.length}-v${SCHEMA_VERSION}${cell === 'primitive' ? '' : `-${cell}`}`;
}

/** The schema of logs whose vectors hold bonds and geometry too. */
export const EXTENDED_SCHEMA = featureSchemaId('primitive', ALL_FEATURES);
/** What the loop can featurize, the first unless another is wanted. Each contains all features of those before it. */
export const LOOP_SCHEMAS = [featureSchemaId('primitive'), EXTENDED_SCHEMA] as const;

/** Whether the vectors of a schema hold all features of a set. */
export function schemaHolds(schema: string, set: FeatureSet): boolean {
  return !isGeometric(set) || schema.startsWith(EXTENDED_SCHEMA);
}
