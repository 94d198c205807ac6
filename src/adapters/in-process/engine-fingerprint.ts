/**
 * Raised whenever a number may come out otherwise than before, be it in its last digit: only then do models of two
 * releases differ. 2: cells of hollow and sparse structures, symmetry searches that end sooner.
 */
const NUMERICS_VERSION = 2;

/** Only within one of these are models equal bit by bit. @param regressor names the training library */
export function engineFingerprint(regressor: string): string {
  const [major] = process.versions.node.split('.');
  return `${process.arch} node-${major} ${regressor} numerics-${NUMERICS_VERSION}`;
}
