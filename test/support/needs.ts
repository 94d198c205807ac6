import { describe, it } from 'vitest';

/*
 * Tests of software that a machine may lack. `missing` names what is missing and how to get it; it is undefined if
 * nothing is missing. If something is missing, one skipped test reports it; with ELASTREAM_CI set, that test fails
 * instead, because CI has everything.
 */

export function describeUnless(missing: string | undefined, name: string, body: () => void): void {
  if (missing === undefined) describe(name, body);
  else withoutIt(missing, name);
}

export function itUnless(
  missing: string | undefined,
  name: string,
  body: () => void | Promise<void>,
  timeoutMs?: number,
): void {
  if (missing === undefined) it(name, body, timeoutMs);
  else withoutIt(missing, name);
}

function withoutIt(missing: string, name: string): void {
  if (process.env.ELASTREAM_CI === undefined) {
    it.skip(`${name} (skipped: ${missing})`);
    return;
  }
  it(name, () => {
    throw new Error(`${missing}; CI must have it (unset ELASTREAM_CI to skip)`);
  });
}
