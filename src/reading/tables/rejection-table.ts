import type { InputRejected } from '../../model/events.ts';
import { type RecordTable, recordTable } from './record-table.ts';

/** What was refused, by source and place, so that it can be corrected and brought again. */
export function rejectionTable(rejections: readonly InputRejected[]): RecordTable {
  const numeric = { numeric: true };
  const ordered = rejections.toSorted(
    ({ rejection: a }, { rejection: b }) =>
      a.source.localeCompare(b.source, 'en') || (a.locator ?? '').localeCompare(b.locator ?? '', 'en', numeric),
  );
  return recordTable(
    [
      { name: 'code', type: 'text', of: ({ rejection }) => rejection.code },
      { name: 'source', type: 'text', of: ({ rejection }) => rejection.source },
      { name: 'locator', type: 'text', of: ({ rejection }) => rejection.locator },
      { name: 'material_id', type: 'text', of: ({ rejection }) => rejection.materialId },
      { name: 'message', type: 'text', of: ({ rejection }) => rejection.message },
      { name: 'calculation', type: 'text', of: ({ calculationId }) => calculationId },
    ],
    ordered,
  );
}
