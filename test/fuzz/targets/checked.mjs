/**
 * The limit per started 10 kB. A busy machine may delay a run, so only an input that is too slow three times counts as
 * slow.
 */
const MS_MAX = 1000;
const BYTES = 10_000;
const TRIES = 3;

/**
 * A fuzz target: any error that it throws is a finding, and so is an input that takes too long.
 * @param {(bytes: Uint8Array<ArrayBuffer>) => void} read
 * @returns {(data: Uint8Array) => void}
 */
export function checked(read) {
  return (data) => {
    const limit = MS_MAX * Math.max(1, Math.ceil(data.length / BYTES));
    let fastest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < TRIES; i++) {
      const begun = performance.now();
      read(new Uint8Array(data));
      fastest = Math.min(fastest, performance.now() - begun);
      if (fastest <= limit) return;
    }
    throw new Error(`${data.length} bytes took ${fastest.toFixed(0)} ms; at most ${limit}`);
  };
}
