import type { ContentHash } from '../model/content-hash.ts';
import type { MaterialId } from '../model/material-id.ts';
import type { Rejection } from '../model/rejection.ts';
import type { Topics } from '../model/topics.ts';
import type { Projection } from './projection.ts';

/** What the log holds of one source that is never complete, so that it is not brought again. */
export interface TakenItems extends Projection {
  /** @param provenance of its label, if it has one */
  hasMaterial(id: MaterialId, hash: ContentHash, provenance: string | undefined): boolean;
  hasRejection(rejection: Rejection): boolean;
  /** Notes what has just been brought. */
  addMaterial(id: MaterialId, hash: ContentHash, provenance: string | undefined): void;
  addRejection(rejection: Rejection): void;
}

export function createTakenItems(source: string, { materials, labels, rejections }: Topics): TakenItems {
  const versions = new Set<string>();
  const provenances = new Set<string>();
  const refused = new Set<string>();
  return {
    topics: [materials, labels, rejections],
    types: ['MaterialIngested', 'LabelIngested', 'InputRejected'],
    take({ event }) {
      if (event.type === 'MaterialIngested' && event.source === source) {
        versions.add(`${event.materialHash} ${event.material.id}`);
      } else if (event.type === 'LabelIngested' && event.source === source) provenances.add(event.label.provenance);
      else if (event.type === 'InputRejected') refused.add(event.rejection.source);
    },
    hasMaterial: (id, hash, provenance) =>
      versions.has(`${hash} ${id}`) &&
      // The gate may have made a rejection of the label.
      (provenance === undefined || provenances.has(provenance) || refused.has(provenance)),
    hasRejection: ({ source: place }) => refused.has(place),
    addMaterial(id, hash, provenance) {
      versions.add(`${hash} ${id}`);
      if (provenance !== undefined) provenances.add(provenance);
    },
    addRejection: ({ source: place }) => void refused.add(place),
  };
}
