import { contentHash } from '../../model/content-hash.ts';
import type { InputRejected, LabelIngested, StructureFeaturized } from '../../model/events.ts';
import type { MaterialId } from '../../model/material-id.ts';

const NAME_CHARACTERS_MAX = 400;

/** What a label becomes that came after the end of its source; the same however often it is met. */
export function lateLabel({ source, label }: LabelIngested): InputRejected {
  return late(source, label.id, label.materialId, `the label of ${label.materialId} from ${label.provenance}`);
}

/** What a material becomes that came after the end of its source. */
export function lateMaterial({ source, facts }: StructureFeaturized): InputRejected {
  return late(source, facts.materialHash, facts.materialId, `${facts.materialId} with this structure`);
}

/** Why nothing more comes in under this name, and what to do instead. */
export function sourceCompleteText(source: string, what: string): string {
  const remedy =
    'submit it under the name of another source, which need never be completed: no round waits for that one';
  return `${shown(what)} came after source ${shown(source)} was complete: ${remedy}`;
}

/** Names may be as long as an event can be, and what refuses them is an event, too. */
function shown(text: string): string {
  return text.slice(0, NAME_CHARACTERS_MAX).toWellFormed();
}

function late(source: string, what: string, materialId: MaterialId, name: string): InputRejected {
  const message = sourceCompleteText(source, name);
  const id = contentHash('rejection', [source, what, 'source_complete']);
  return { type: 'InputRejected', id, rejection: { code: 'source_complete', message, source, materialId } };
}
