/** Randomness without scientific effect (jitter, names of writers), as a port, so that a simulation can seed it. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  bytes(length: number): Uint8Array;
}
