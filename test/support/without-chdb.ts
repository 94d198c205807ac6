import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtProgram } from './cli.ts';

/** The program in a package's folder. */
export const MAIN = join('dist', 'src', 'cli', 'main.js');

/** The built program in its own folder, in which chdb is not installed. */
export function programWithoutChdb(folder: string): (args: readonly string[]) => ReturnType<typeof run> {
  const built = dirname(builtProgram());
  linkWithoutChdb(built, folder);
  for (const name of ['dist', 'package.json']) cpSync(join(built, name), join(folder, name), { recursive: true });
  // A LightGBM library that cannot be loaded proves that the program does not need one.
  const env = { LIGHTGBM_LIBRARY: join(folder, 'nothing.so') };
  return (args) => run(join(folder, MAIN), args, env);
}

/**
 * Unpacks the tarball of `npm pack` beside the installed packages, without building and without chdb.
 * @returns the package's folder
 */
export function unpackedPackage(folder: string): string {
  const built = builtProgram();
  const command = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  const packed = spawnSync('npm', command, { cwd: dirname(built), encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(packed.stderr);
  const unpacked = spawnSync('tar', ['-xzf', join(folder, packed.stdout.trim()), '-C', folder], { encoding: 'utf8' });
  if (unpacked.status !== 0) throw new Error(unpacked.stderr);
  linkWithoutChdb(dirname(built), join(folder, 'package'));
  return join(folder, 'package');
}

/** The program of `unpackedPackage`. */
export function installedPackage(folder: string): (args: readonly string[]) => ReturnType<typeof run> {
  const main = join(unpackedPackage(folder), MAIN);
  return (args) => run(main, args);
}

function linkWithoutChdb(from: string, to: string): void {
  mkdirSync(join(to, 'node_modules'));
  for (const name of readdirSync(join(from, 'node_modules'))) {
    if (!name.includes('chdb')) symlinkSync(join(from, 'node_modules', name), join(to, 'node_modules', name));
  }
}

function run(main: string, args: readonly string[], added: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, ...added };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', env });
  return { code: status, stdout, stderr };
}
