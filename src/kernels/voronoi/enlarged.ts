/** Copies a typed array to the start of a larger one and returns the larger one. */
export function enlarged<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
