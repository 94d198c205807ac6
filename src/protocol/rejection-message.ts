import { REJECTION_CODES, type Rejection } from '../model/rejection.ts';
import { wordField } from './checked-field.ts';
import type { Rejection as RejectionMessage } from './generated/elastream/v1/events.generated.ts';
import { knownFields } from './known-fields.ts';

export function fromRejectionMessage({ code, message, source, locator, materialId }: RejectionMessage): Rejection {
  return knownFields<Rejection>({
    code: wordField(code, REJECTION_CODES, 'rejection.code'),
    message,
    source,
    locator,
    materialId,
  });
}
