import { contentHash } from '../../src/model/content-hash.ts';
import type { LabelIngested } from '../../src/model/events.ts';
import { createLabel } from '../../src/model/label.ts';
import type { MaterialId } from '../../src/model/material-id.ts';
import { type EventOrigin, toNewEvent } from '../../src/protocol/event-message.ts';

const ORIGIN: EventOrigin = { time: '2026-01-02T03:04:05.678Z', source: '/elastream/test' };

/** A label of 80.125 GPa: flipping one bit of it gives 40.0625. */
export function labelIngested(name = 'mp-1'): LabelIngested {
  const materialId = name as MaterialId;
  const materialHash = contentHash('material', [materialId]);
  const label = createLabel({
    materialId,
    materialHash,
    labelSet: 'known',
    method: { kind: 'dft' },
    provenance: 'row 17',
    values: { g_vrh: 80.125 },
  });
  return { type: 'LabelIngested', source: 'known', label };
}

/** The event as it is appended. */
export function newLabelEvent(name = 'mp-1') {
  const event = labelIngested(name);
  return toNewEvent(event, { key: Buffer.from(name), id: event.label.id }, ORIGIN);
}
