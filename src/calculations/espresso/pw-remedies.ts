import type { Mixing } from '../../formats/espresso/pw-input.ts';
import type { RetryClass } from '../../ports/simulation-code.ts';

/** How pw.x is asked to become self-consistent: the next row where one fails. */
export const MIXINGS: readonly Mixing[] = [
  { share: 0.7, mode: 'plain', diagonalization: 'david', steps: 60 },
  { share: 0.3, mode: 'local-TF', diagonalization: 'david', steps: 120 },
  { share: 0.15, mode: 'plain', diagonalization: 'cg', steps: 250 },
];

export interface PwFailure {
  readonly pattern: RegExp;
  readonly reason: string;
  readonly retry: RetryClass | 'other_mixing';
}

/** What pw.x says when it gives no result, in the order in which it counts. */
export const PW_FAILURES: readonly PwFailure[] = [
  {
    pattern: /Maximum CPU time exceeded/,
    reason: 'pw.x ran out of time',
    retry: 'more_time',
  },
  {
    pattern: /convergence NOT achieved/,
    reason: 'the electrons did not become self-consistent',
    retry: 'other_mixing',
  },
  {
    pattern: /too many bands are not converged|problems computing cholesky|S matrix not positive/,
    // Not `eigenvalues not converged`, which is said of single iterations of runs that converge.
    reason: 'the diagonalization failed',
    retry: 'other_mixing',
  },
  {
    pattern: /charge is wrong|bfgs failed|The maximum number of steps has been reached/,
    reason: 'the ions or the charge did not settle',
    retry: 'other_mixing',
  },
  {
    pattern: /fixed occupations and lsda|fixed occupations and odd|the system is metallic|smearing is needed/,
    reason: 'the crystal is a metal and its occupations are fixed: set smearing_ry',
    retry: 'never',
  },
  {
    pattern: /insufficient (?:virtual )?memory|cannot allocate|Not enough memory|allocation failed/i,
    reason: 'pw.x ran out of memory',
    retry: 'more_memory',
  },
  {
    pattern: /No space left on device|error (?:writing|opening) (?:file|.*out)/i,
    reason: 'pw.x could not write to its folder',
    retry: 'retry',
  },
];
