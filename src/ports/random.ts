/** Chance that decides nothing scientific (jitter, names of writers), so that a simulation can seed it. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  bytes(length: number): Uint8Array;
}
