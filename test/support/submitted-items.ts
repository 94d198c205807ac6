import type { SourceItem } from '../../src/ports/material-source.ts';
import type { SubmitRequest } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { toOutcomeMessage } from '../../src/protocol/label-message.ts';
import { toMaterialMessage } from '../../src/protocol/material-message.ts';

/** An item without any content. */
export function bareItem(clientId: string, change: Partial<SubmitRequest> = {}): SubmitRequest {
  const contents = { material: undefined, labels: [], rejection: undefined, sourceCompleted: false };
  return { clientId, source: 's', ...contents, ...change };
}

/** The items of a source as a client submits them, named by their index, and the completion, named `end`. */
export function submittedItems(items: readonly SourceItem[], labelSet = 'known'): SubmitRequest[] {
  const requests = items.map((item, i) => {
    if (item.kind === 'rejection') return bareItem(`${i}`, { rejection: item.rejection });
    const { material, label } = item;
    const labels = label ? [{ ...toOutcomeMessage(label), provenance: label.provenance, labelSet }] : [];
    return bareItem(`${i}`, { material: toMaterialMessage(material), labels });
  });
  return [...requests, bareItem('end', { sourceCompleted: true })];
}

/** Streams items as a client does. */
export async function* streamed<T>(items: Iterable<T>, onPulled: (item: T) => void = () => {}): AsyncGenerator<T> {
  for (const item of items) {
    onPulled(item);
    yield item;
  }
}
