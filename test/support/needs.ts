import { describe, it } from 'vitest';

/*
 * Tests of what a machine may lack. `missing` says what is not there and how to get it, and is undefined where all is
 * there. Where something is missing, one skipped test says so; with ELASTREAM_CI set it fails instead, because CI has all.
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
