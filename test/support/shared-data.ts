import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

/** Reference data that is too large or not ours to ship: beside a developer's checkout and in CI, absent in a plain clone. */
const SHARED = new URL('../../../shared/', import.meta.url);

/** The path of `../shared/<name>`, or undefined where it is not there. */
function sharedFile(name: string): string | undefined {
  const path = fileURLToPath(new URL(name, SHARED));
  return existsSync(path) ? path : undefined;
}

type Shared = (name: string) => string;

const requireShared: Shared = (name) => {
  const path = sharedFile(name);
  if (path === undefined) throw new Error(`../shared/${name} is not there, though ../shared is`);
  return path;
};

/** A `describe` that needs ../shared: without it one skipped test that says so; with ELASTREAM_CI set, a failure. */
export function describeWithShared(name: string, body: (shared: Shared) => void): void {
  if (existsSync(SHARED)) describe(name, () => body(requireShared));
  else withoutShared(name);
}

/** An `it` that needs ../shared: without it skipped by name; with ELASTREAM_CI set, a failure. */
export function itWithShared(name: string, body: (shared: Shared) => void | Promise<void>, timeoutMs?: number): void {
  if (existsSync(SHARED)) it(name, () => body(requireShared), timeoutMs);
  else withoutShared(name);
}

function withoutShared(name: string): void {
  if (process.env.ELASTREAM_CI === undefined) {
    it.skip(`${name} (skipped: ../shared is not there)`);
    return;
  }
  it(name, () => {
    throw new Error('../shared is not there; CI must have it beside the project (unset ELASTREAM_CI to skip)');
  });
}
