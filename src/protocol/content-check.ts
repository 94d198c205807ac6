import { snapshotHash } from '../learning/campaign/round-snapshot.ts';
import { memberModelHash } from '../learning/ensemble/member-models.ts';
import { type ContentHash, isContentHash } from '../model/content-hash.ts';
import { labelId } from '../model/label.ts';
import { featureVectorHash, materialHash } from '../model/material-hash.ts';
import { calculationId } from '../model/recipe.ts';
import { featureSchemaOf } from '../model/topics.ts';
import type { DomainEvent } from './domain-event.ts';

/** A hash that an event carries, and the hash of its content. */
export interface ContentMismatch {
  readonly what: string;
  readonly carried: ContentHash;
  readonly found: ContentHash;
}

/**
 * Compares the hashes in an event with those of its content. Returns undefined if they agree, or if the event does not
 * contain everything that was hashed: an example holds its label without the tensor; the ids of rejections, results and
 * selections hash fields that the event lacks. The log's checksum protects those. A campaign's configuration is checked
 * when it is parsed.
 * @param at the place of the event: a features topic names the schema, the key of a stream its campaign
 */
export function contentMismatch(
  event: DomainEvent,
  { topic, key }: { readonly topic: string; readonly key: string },
): ContentMismatch | undefined {
  switch (event.type) {
    case 'MaterialIngested':
      return unless('material_hash', event.materialHash, materialHash(event.material));
    case 'LabelIngested':
      return unless("the label's id", event.label.id, labelId(event.label));
    case 'StructureFeaturized': {
      const schema = featureSchemaOf(topic);
      return schema === undefined
        ? undefined
        : unless('features_hash', event.featuresHash, featureVectorHash(schema, event.vector, event.fidelities));
    }
    case 'ExampleFormed': {
      const { featureSchema, featuresHash, vector, fidelities } = event;
      return featureSchema === undefined
        ? undefined
        : unless('features_hash', featuresHash, featureVectorHash(featureSchema, vector, fidelities));
    }
    case 'RoundOpened':
      // If the key is a content hash, it replaces a long campaign name, which is then unknown here.
      return isContentHash(key)
        ? undefined
        : unless('snapshot_hash', event.snapshotHash, snapshotHash(key, event.snapshot));
    case 'MemberTrained':
      return unless('model_hash', event.modelHash, memberModelHash(event.targets.map(({ treesHash }) => treesHash)));
    case 'CalculationRequested':
      return unless('calculation_id', event.calculationId, calculationId(event.materialHash, event.recipe));
    default:
      return undefined;
  }
}

function unless(what: string, carried: ContentHash, found: ContentHash): ContentMismatch | undefined {
  return carried === found ? undefined : { what, carried, found };
}
