import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Creates a directory, and a function that removes it. */
export function scratchDirectory(): { path: string; remove(): Promise<void> } {
  const path = mkdtempSync(join(tmpdir(), 'elastream-test-'));
  return { path, remove: async () => rmSync(path, { recursive: true, force: true }) };
}
