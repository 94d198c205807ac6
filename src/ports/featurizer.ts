import type { Material } from '../model/material.ts';
import type { RejectionCode } from '../model/rejection.ts';

/** What became of a material: its feature vector, or why it can have none. */
export type Featurization =
  | { readonly vector: Float64Array }
  | { readonly refusal: { readonly code: RejectionCode; readonly message: string } };

/**
 * Featurizes materials beside its caller, several at a time.
 * 1. The caller's thread goes on meanwhile, however long a structure takes.
 * 2. An outcome follows from the material alone, not from the number of workers or what else they do.
 * 3. A material whose worker is lost, and whose second worker is lost too, is refused (`featurization_failed`); whatever
 *    waited behind it is not touched.
 */
export interface Featurizer {
  /** @throws AppError `closed`; `internal`, retryable, where no worker can be started */
  featurize(material: Material): Promise<Featurization>;
  /** What is not done by then fails with `closed`. A second call changes nothing. */
  close(): Promise<void>;
}
