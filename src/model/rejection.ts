/**
 * Why an input was refused. The codes are part of the output format: scripts match on them,
 * so a code is never renamed, only added.
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
] as const;

export type RejectionCode = (typeof REJECTION_CODES)[number];

/** What was refused, and where it stands, so that it can be found, mended and admitted again. */
export interface Rejection {
  readonly code: RejectionCode;
  /** One sentence that names field, value and remedy. */
  readonly message: string;
  /** File name, or `-` for standard input. */
  readonly source: string;
  /** Where in the source: `line 17`, `block data_NaCl`; absent where the whole source is meant. */
  readonly locator?: string;
  /** The material's id, where it could be read. */
  readonly materialId?: string;
}

/** Thrown by the pure core on bad input; a reader adds source and locator and makes it a Rejection. */
export class RejectedInput extends Error {
  readonly code: RejectionCode;

  constructor(code: RejectionCode, message: string) {
    super(message);
    this.name = 'RejectedInput';
    this.code = code;
  }
}
