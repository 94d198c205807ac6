import type { LabelMethod } from '../../model/label.ts';
import type { RejectedInput, Rejection } from '../../model/rejection.ts';
import type { ToldResult } from '../../protocol/generated/elastream/v1/services.generated.ts';

/** What a file says of one material. */
export type FoundResult =
  | { readonly kind: 'result'; readonly place: string; readonly message: ToldResult }
  /** A row that nobody has filled in yet. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'rejection'; readonly rejection: Rejection };

/** A message that says nothing yet. */
export const NOTHING: Omit<ToldResult, 'materialId' | 'provenance'> = {
  ...{ calculationId: undefined, attempt: undefined, failure: undefined, method: undefined, material: undefined },
  ...{ values: [], tensor: [], restore: false },
};

/** Where a row says nothing of the method, it is the campaign's. */
export function statedMethod(method: LabelMethod | undefined): ToldResult['method'] {
  const { kind = 'dft', code, functional, relaxedIon } = method ?? {};
  if (code === undefined && functional === undefined && relaxedIon === undefined) return undefined;
  return { kind, code, functional, relaxedIon };
}

export function rejected(
  error: RejectedInput,
  source: string,
  locator: string | undefined,
  materialId: string,
): FoundResult {
  const { code, message } = error;
  const place = { source, ...(locator !== undefined && { locator }), ...(materialId !== '' && { materialId }) };
  return { kind: 'rejection', rejection: { code, message, ...place } };
}
