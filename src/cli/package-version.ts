import { readFileSync } from 'node:fs';

/** Of elastream itself. */
export function packageVersion(): string {
  // package.json stands three folders above dist/src/cli.
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
