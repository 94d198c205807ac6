import { EXTENDED_SCHEMA, type FeatureSet, isGeometric, LOOP_SCHEMAS } from '../featurizers/feature-schema.ts';
import { createTopics, featureSchemaOf, type Topics } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';

/** The schema of a new log for campaigns with this feature set. */
export function schemaFor(set: FeatureSet | undefined): string {
  return set !== undefined && isGeometric(set) ? EXTENDED_SCHEMA : LOOP_SCHEMAS[0];
}

/**
 * The topics of a log. A log has one feature schema, that of the features topic which it holds: what it has recorded
 * stays as it is.
 * @param wanted the schema of a log that holds none yet
 */
export async function logTopics(
  log: Pick<EventLogReader, 'topics'>,
  wanted: string = LOOP_SCHEMAS[0],
): Promise<Topics> {
  const held = new Set((await log.topics()).map(({ name }) => name));
  const known = LOOP_SCHEMAS.map((featureSchema) => createTopics({ featureSchema }));
  return known.find(({ features }) => held.has(features.name)) ?? createTopics({ featureSchema: wanted });
}

/** The feature schema of a log with these topics. */
export function loopSchema({ features }: Pick<Topics, 'features'>): string {
  return featureSchemaOf(features.name) ?? LOOP_SCHEMAS[0];
}
