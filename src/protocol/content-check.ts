import type { ContentHash, ContentHasher } from '../model/content-hash.ts';
import { labelId } from '../model/label.ts';
import { featureVectorHash, materialHash } from '../model/material-hash.ts';
import { featureSchemaOf } from '../model/topics.ts';
import type { DomainEvent } from './domain-event.ts';

/** A hash that an event carries, and the one that its content has. */
export interface ContentMismatch {
  readonly what: string;
  readonly carried: ContentHash;
  readonly found: ContentHash;
}

/**
 * Whether an event is what its hashes say; undefined where it is, or where they cannot be made again from it alone: an
 * example has its label without the tensor and does not name its feature schema (what it is made of was checked when it
 * was formed), and the ids of rejections and calculations hash what is not in the event. Those have the log's checksum.
 * A campaign's configuration is checked where it is parsed.
 * @param topic where the event stands: that of features names their schema
 */
export function contentMismatch(event: DomainEvent, topic: string, hash: ContentHasher): ContentMismatch | undefined {
  switch (event.type) {
    case 'MaterialIngested':
      return unless('material_hash', event.materialHash, materialHash(event.material, hash));
    case 'LabelIngested':
      return unless("the label's id", event.label.id, labelId(event.label, hash));
    case 'StructureFeaturized': {
      const schema = featureSchemaOf(topic);
      return schema === undefined
        ? undefined
        : unless('features_hash', event.featuresHash, featureVectorHash(schema, event.vector, hash));
    }
    default:
      return undefined;
  }
}

function unless(what: string, carried: ContentHash, found: ContentHash): ContentMismatch | undefined {
  return carried === found ? undefined : { what, carried, found };
}
