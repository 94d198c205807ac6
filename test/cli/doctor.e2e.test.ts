import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { MISSING_CHDB } from '../support/chdb.ts';
import { cliMain, runCli } from '../support/cli.ts';
import { MISSING_LIBRARY } from '../support/lightgbm.ts';
import { itUnless } from '../support/needs.ts';

interface Finding {
  part: string;
  ok: boolean;
  state: string;
  message: string;
}

const folder = scratchDirectory();
afterAll(folder.remove);
const at = (name: string) => join(folder.path, name);

describe('elastream doctor', () => {
  itUnless(MISSING_LIBRARY, 'finds all that is needed', async () => {
    const { code, stdout } = await runCli(['doctor', '--json']);
    const findings = JSON.parse(stdout) as Finding[];
    expect(findings.map(({ part, ok, state }) => [part, ok, state])).toEqual([
      ['Node.js', true, 'ok'],
      ['LightGBM', true, 'ok'],
      ['chdb', true, MISSING_CHDB ? 'warning' : 'ok'],
      ['cores', true, 'ok'],
      ['memory', true, 'ok'],
      ['folder', true, 'ok'],
      ['disk', true, 'ok'],
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
    const path = at('lib_lightgbm.so');
    writeFileSync(path, 'not a library');
    const { code, stdout } = await runCli(['doctor'], { env: { LIGHTGBM_LIBRARY: path } });
    expect(stdout).toContain(`cannot load ${path}`);
    expect(code).toBe(1);
  });

  itUnless(MISSING_CHDB, 'starts the engine of the SQL tables and gives its version', async () => {
    const { stdout } = await runCli(['doctor']);
    expect(stdout).toMatch(/^ok {7}chdb {6}ClickHouse engine \d+[.]\d+/m);
  });

  it('warns where chdb is not installed, which is no failure', async () => {
    // The package as npm installs it where chdb is not named.
    const root = dirname(dirname(dirname(dirname(cliMain()))));
    cpSync(join(root, 'dist'), at('dist'), { recursive: true });
    cpSync(join(root, 'package.json'), at('package.json'));
    mkdirSync(at('node_modules'));
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name !== 'chdb') symlinkSync(join(root, 'node_modules', name), at(`node_modules/${name}`));
    }
    const main = at('dist/src/cli/main.js');
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'doctor', '--json']).catch(
      (failed: { stdout: string }) => failed,
    );
    expect((JSON.parse(stdout) as Finding[]).find(({ part }) => part === 'chdb')).toEqual({
      part: 'chdb',
      ok: true,
      state: 'warning',
      message:
        'not installed: SQL tables (elastream sql) are unavailable, everything else works; npm install chdb@3.4, with -g where elastream is',
    });
  });

  it('says so where a folder cannot be written, or is not there', async () => {
    writeFileSync(at('file'), '');
    const file = await runCli(['doctor', '--dir', at('file')]);
    expect(file.stdout).toMatch(
      /^MISSING {2}folder {4}.*file cannot be written \(ENOTDIR.*; name another with --dir$/m,
    );
    const none = await runCli(['doctor', '--dir', at('none')]);
    expect(none.stdout).toMatch(/^MISSING {2}folder {4}there is no folder .*none; create it, or name another$/m);
    expect([file.code, none.code]).toEqual([1, 1]);
  });
});
