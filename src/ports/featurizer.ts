import type { Material } from '../model/material.ts';
import type { RejectionCode } from '../model/rejection.ts';

/** The result for a material: its feature vector, or the reason why it has none. */
export type Featurization =
  | { readonly vector: Float64Array }
  | { readonly refusal: { readonly code: RejectionCode; readonly message: string } };

/**
 * Featurizes materials outside the caller's thread, several at a time.
 * 1. The caller's thread is never blocked, however long a structure takes.
 * 2. The result depends on the material alone, not on the number of workers or their other work.
 * 3. A material is rejected (`featurization_failed`) if two workers in succession are lost on it; the materials that
 *    wait behind it are not affected.
 */
export interface Featurizer {
  /** @throws AppError `closed`; `internal` (retryable) if no worker can be started */
  featurize(material: Material): Promise<Featurization>;
  /** Unfinished materials fail with `closed`. A second call has no effect. */
  close(): Promise<void>;
}
