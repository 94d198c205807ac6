import { nameIds } from '../learning/campaign/round-snapshot.ts';
import { labelProblem } from '../learning/data/label-gate.ts';
import { type ContentHash, contentHash } from '../model/content-hash.ts';
import type { InputRejected, LabelIngested, MaterialIngested } from '../model/events.ts';
import { createLabel } from '../model/label.ts';
import type { Material } from '../model/material.ts';
import type { MaterialId } from '../model/material-id.ts';
import { keyPartition } from '../model/partitioner.ts';
import type { Rejection } from '../model/rejection.ts';
import type { Topics } from '../model/topics.ts';
import type { SourceLabel } from '../ports/material-source.ts';
import type { Publication } from './publisher.ts';

/** A source's label and the label set to which it belongs. */
export interface SetLabel extends SourceLabel {
  readonly labelSet: string;
}

/**
 * The events for a source's material and its labels. A label that the physics gate refuses becomes a rejection, and the
 * material stays.
 * @throws RejectedInput if a label's moduli are invalid
 */
export function materialEvents(
  source: string,
  material: Material,
  materialHash: ContentHash,
  labels: readonly SetLabel[],
): (MaterialIngested | LabelIngested | InputRejected)[] {
  const judged = labels.map((label): LabelIngested | InputRejected => {
    const made = createLabel({ materialId: material.id, materialHash, ...label });
    const problem = labelProblem(made, material.structure);
    if (problem === undefined) return { type: 'LabelIngested', source, label: made };
    const message = `${problem.message} (kept without its label)`;
    return inputRejected(source, { ...problem, message, source: label.provenance, materialId: material.id });
  });
  return [{ type: 'MaterialIngested', source, material, materialHash }, ...judged];
}

/** The event for a source's rejection. Its id is the same however often the source is read. */
export function inputRejected(source: string, rejection: Rejection): InputRejected {
  const { code, message, locator, materialId } = rejection;
  const id = contentHash('rejection', [source, rejection.source, locator ?? null, code, message, materialId ?? null]);
  return { type: 'InputRejected', id, rejection };
}

/** Counts the materials that a source has delivered so far, and keeps one hash of each. */
export interface SourceTally {
  /** Call it once per material. */
  add(id: MaterialId, hash: ContentHash): void;
  /** The source's watermarks; publish them after everything else is in the log. */
  watermarks(source: string): Publication[];
}

export function createSourceTally({ materials, labels }: Topics): SourceTally {
  const hashes: ContentHash[][] = Array.from({ length: materials.partitions }, () => []);
  return {
    add: (id, hash) => void hashes[keyPartition(new TextEncoder().encode(id), hashes.length)]!.push(hash),
    watermarks: (source) =>
      hashes.flatMap((own, partition) => {
        const event = { type: 'SourcePartitionCompleted', source, partition, ...nameIds(own) } as const;
        return [materials, labels].map((topic) => ({ event, topic }));
      }),
  };
}
