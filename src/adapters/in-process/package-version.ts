import { existsSync, readFileSync } from 'node:fs';

/** Returns elastream's own version. */
export function packageVersion(): string {
  // The compiled file is one folder deeper than its source.
  for (const above of ['../../../', '../../../../']) {
    const file = new URL(`${above}package.json`, import.meta.url);
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  }
  throw new Error("elastream's package.json is missing: install it again");
}
