import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeUnless, itUnless } from './needs.ts';

/** Reference data that is too large to ship, or not ours. It lies beside a developer's checkout and in CI only. */
const SHARED = new URL('../../../shared/', import.meta.url);
const MISSING = existsSync(SHARED) ? undefined : '../shared is not there: it stands beside the project';

/** The path of `../shared/<name>`. */
type Shared = (name: string) => string;

const shared: Shared = (name) => {
  const path = fileURLToPath(new URL(name, SHARED));
  if (!existsSync(path)) throw new Error(`../shared/${name} is not there, though ../shared is`);
  return path;
};

/** A `describe` that needs ../shared. */
export function describeWithShared(name: string, body: (shared: Shared) => void): void {
  describeUnless(MISSING, name, () => body(shared));
}

/** An `it` that needs ../shared. */
export function itWithShared(name: string, body: (shared: Shared) => void | Promise<void>, timeoutMs?: number): void {
  itUnless(MISSING, name, () => body(shared), timeoutMs);
}
