import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** They are plain JavaScript over the built program, so that the compiler does not see what they import. */
it('what benchmarks and tools import of the built program is there', () => {
  const scripts = ['bench', 'tools'].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((file) => join(folder, file)),
  );
  const imported = scripts
    .filter((file) => file.endsWith('.mjs'))
    .flatMap((file) => [...readFileSync(join(ROOT, file), 'utf8').matchAll(/from '\.\.\/dist\/(.+)\.js'/g)])
    .map(([, module]) => `${module}.ts`);
  expect(imported.length).toBeGreaterThan(3);
  expect(imported.filter((module) => !existsSync(join(ROOT, module)))).toEqual([]);
});
