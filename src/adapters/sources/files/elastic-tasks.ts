import { parseElasticTask } from '../../../formats/emmet/task-doc.ts';
import type { StructureItem } from '../../../formats/input-unit.ts';
import type { CollectedTensor, TensorCollector } from '../../../model/collected-tensor.ts';
import { RejectedInput } from '../../../model/rejection.ts';
import type { SourceItem } from '../../../ports/material-source.ts';
import type { SeenIds } from './seen-ids.ts';
import { withoutDuplicates } from './seen-ids.ts';

type FoundMaterial = StructureItem & { kind: 'material' };

/** Takes the runs of elastic workflows out of a stream of structures; when it ends it gives their relaxed cells. */
export interface ElasticTasks {
  /** Whether the item is such a run, and has been taken. */
  takes(item: FoundMaterial): boolean;
  /** Relaxed cells with fitted tensors as labels, or with the reason why there is none, by id. */
  items(seen: SeenIds): Generator<SourceItem, void, void>;
}

export function createElasticTasks(collector: TensorCollector): ElasticTasks {
  const sources = new Map<string, string>();
  return {
    takes({ json, source }) {
      let run: ReturnType<typeof parseElasticTask>;
      try {
        run = json && parseElasticTask(json);
      } catch (error) {
        // Without its stress it is a structure like any other.
        if (error instanceof RejectedInput) return false;
        throw error;
      }
      if (run === undefined) return false;
      collector.take(run);
      const known = sources.get(run.id);
      // Of several files the first by name, whatever their order.
      if (known === undefined || source < known) sources.set(run.id, source);
      return true;
    },
    *items(seen) {
      for (const outcome of collector.outcomes()) yield* outcomeItems(outcome, sources, seen);
    },
  };
}

function* outcomeItems(
  { parent, deformations, label, problem }: CollectedTensor,
  sources: ReadonlyMap<string, string>,
  seen: SeenIds,
): Generator<SourceItem, void, void> {
  const source = sources.get(parent?.id ?? deformations[0]!)!;
  const locator = parent ? `deformations of ${parent.id}` : `task ${deformations[0]}`;
  if (parent) {
    const material = { id: parent.id, structure: parent.structure };
    const found = { kind: 'material', material, source, locator: `task ${parent.id}` } as const;
    const kept = withoutDuplicates(found, seen, label?.values);
    if (kept.kind === 'rejection') {
      yield kept;
      return;
    }
    yield { kind: 'material', material, ...(label && { label: { ...label, provenance: `${source}: ${locator}` } }) };
  }
  if (!problem) return;
  const about = parent ? { materialId: parent.id } : {};
  yield { kind: 'rejection', rejection: { ...problem, source, locator, ...about } };
}
