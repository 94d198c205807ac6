import { packageVersion } from './package-version.ts';

/** Only within one of these are models equal bit by bit. @param regressor names the training library */
export function engineFingerprint(regressor: string): string {
  const [major] = process.versions.node.split('.');
  return `${process.arch} node-${major} ${regressor} elastream-${packageVersion()}`;
}
