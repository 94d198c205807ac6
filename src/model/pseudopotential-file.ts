/** A pseudopotential of the user's folder. */
export interface PseudopotentialFile {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Of its bytes, hexadecimal. */
  readonly sha256: string;
  readonly element: string;
  /** As its header says: `LDA`, `PBE`. */
  readonly functional: string;
  /** Whether it is ultrasoft or PAW, whose density needs the larger cutoff. */
  readonly isAugmented: boolean;
}
