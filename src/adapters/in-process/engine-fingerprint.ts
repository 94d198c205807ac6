/**
 * Must be raised with each change that can alter a computed number, even in its last digit. So models of two releases
 * differ only if this number differs. 2: cells of hollow and sparse structures, symmetry searches that end sooner.
 */
const NUMERICS_VERSION = 2;

/**
 * Returns the fingerprint of the engine. Models are equal bit by bit only if their fingerprints are equal.
 * @param regressor names the training library
 */
export function engineFingerprint(regressor: string): string {
  const [major] = process.versions.node.split('.');
  return `${process.arch} node-${major} ${regressor} numerics-${NUMERICS_VERSION}`;
}
