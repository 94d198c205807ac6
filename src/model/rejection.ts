/**
 * The reasons for rejecting an input. The codes are part of the output format and scripts match on them, so codes are
 * only added, never renamed.
 */
export const REJECTION_CODES = [
  'bad_syntax',
  'bad_encoding',
  'bad_number',
  'bad_lattice',
  'bad_id',
  'duplicate_id',
  'missing_field',
  'out_of_range',
  'no_sites',
  'too_many_sites',
  'too_large',
  'too_costly',
  'truncated',
  'unsupported_format',
  'unreadable',
  'unknown_element',
  'dummy_site',
  'partial_occupancy',
  'overlapping_sites',
  'bad_symmetry',
  'asymmetric_tensor',
  'bad_message',
  'conflicting_label',
  'source_complete',
  'featurization_failed',
  'reserved_name',
  'unfinished',
  'unconverged',
  'unstable_tensor',
] as const;

export type RejectionCode = (typeof REJECTION_CODES)[number];

/** A rejected input and its place, so that people can find it, correct it and submit it again. */
export interface Rejection {
  readonly code: RejectionCode;
  /** One sentence that names field, value and remedy. */
  readonly message: string;
  /** File name, or `-` for standard input. */
  readonly source: string;
  /** The place in the source: `line 17`, `block data_NaCl`; absent if the whole source is meant. */
  readonly locator?: string;
  /** The id of the material, if it could be read. */
  readonly materialId?: string;
}

/** Thrown by the pure core on bad input; a reader adds source and locator and turns it into a Rejection. */
export class RejectedInput extends Error {
  readonly code: RejectionCode;

  constructor(code: RejectionCode, message: string) {
    super(message);
    this.name = 'RejectedInput';
    this.code = code;
  }
}
