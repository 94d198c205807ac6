import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

it('allows or drops the install script of every dependency by name, and CONTRIBUTING says why', () => {
  const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: Record<string, boolean> };
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: boolean; os?: string[] }>;
  };
  const withScript = Object.entries(packages)
    // fsevents and its like are never installed where CI runs.
    .filter(([, { hasInstallScript, os }]) => hasInstallScript && (os === undefined || os.includes('linux')))
    .map(([path]) => path.replace(/^.*node_modules[/]/, ''));
  expect(Object.keys(allowScripts).sort()).toEqual([...new Set(withScript)].sort());
  const reasons = [...read('CONTRIBUTING.md').matchAll(/^[|] `([@\w/-]+)` [|] (runs|dropped) [|] .+ [|]$/gm)];
  expect(Object.fromEntries(reasons.map(([, name, what]) => [name, what === 'runs']))).toEqual(allowScripts);
});
