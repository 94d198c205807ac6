import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cliMain } from './cli.ts';

/** The built program in a folder of its own, where nobody has installed chdb. */
export function programWithoutChdb(folder: string): (args: readonly string[]) => ReturnType<typeof run> {
  const built = dirname(dirname(dirname(dirname(cliMain()))));
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(built, 'node_modules'))) {
    if (!name.includes('chdb')) symlinkSync(join(built, 'node_modules', name), join(folder, 'node_modules', name));
  }
  for (const name of ['dist', 'package.json']) cpSync(join(built, name), join(folder, name), { recursive: true });
  return (args) => run(join(folder, 'dist', 'src', 'cli', 'main.js'), args);
}

function run(main: string, args: readonly string[]) {
  // A LightGBM that cannot be loaded shows that none was asked for.
  const env = { ...process.env, LIGHTGBM_LIBRARY: join(dirname(main), 'nothing.so') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', env });
  return { code: status, stdout, stderr };
}
