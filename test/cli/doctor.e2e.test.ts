import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { library } from '../support/lightgbm.ts';

interface Finding {
  part: string;
  ok: boolean;
  message: string;
}

describe('elastream doctor', () => {
  it.skipIf(library === undefined)('finds all that is needed (skipped: LightGBM has not been fetched)', async () => {
    const { code, stdout } = await runCli(['doctor', '--json']);
    const findings = JSON.parse(stdout) as Finding[];
    expect(findings.map(({ part, ok }) => [part, ok])).toEqual([
      ['Node.js', true],
      ['LightGBM', true],
      ['memory', true],
      ['disk', true],
    ]);
    expect(code).toBe(0);
  });

  it('says how to get a library that is not there', async () => {
    const { code, stdout } = await runCli(['doctor'], { env: { LIGHTGBM_LIBRARY: '/nowhere/lib_lightgbm.so' } });
    expect(stdout).toMatch(
      /^MISSING {2}LightGBM {2}LIGHTGBM_LIBRARY names \/nowhere\/lib_lightgbm.so, which cannot be read/m,
    );
    expect(code).toBe(1);
  });

  it('says so where a file is no library', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'elastream-doctor-')), 'lib_lightgbm.so');
    writeFileSync(path, 'not a library');
    const { code, stdout } = await runCli(['doctor'], { env: { LIGHTGBM_LIBRARY: path } });
    expect(stdout).toContain(`cannot load ${path}`);
    expect(code).toBe(1);
  });
});
