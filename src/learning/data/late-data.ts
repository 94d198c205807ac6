import { contentHash } from '../../model/content-hash.ts';
import type { InputRejected, LabelIngested, StructureFeaturized } from '../../model/events.ts';
import type { MaterialId } from '../../model/material-id.ts';

const NAME_CHARACTERS_MAX = 400;

/** The rejection of a label that came after the end of its source; it is the same however often the label is read. */
export function lateLabel({ source, label }: LabelIngested): InputRejected {
  return late(source, label.id, label.materialId, `the label of ${label.materialId} from ${label.provenance}`);
}

/** The rejection of a material that came after the end of its source. */
export function lateMaterial({ source, facts }: StructureFeaturized): InputRejected {
  return late(source, facts.materialHash, facts.materialId, `${facts.materialId} with this structure`);
}

/** The reason why nothing more is accepted under this source name, and the remedy. */
export function sourceCompleteText(source: string, what: string): string {
  const remedy =
    'submit it under the name of another source, which need never be completed: no round waits for that one';
  return `${shown(what)} came after source ${shown(source)} was complete: ${remedy}`;
}

/** Cuts a name: names may be as long as an event can be, and the rejection is an event too. */
function shown(text: string): string {
  return text.slice(0, NAME_CHARACTERS_MAX).toWellFormed();
}

function late(source: string, what: string, materialId: MaterialId, name: string): InputRejected {
  const message = sourceCompleteText(source, name);
  const id = contentHash('rejection', [source, what, 'source_complete']);
  return { type: 'InputRejected', id, rejection: { code: 'source_complete', message, source, materialId } };
}
