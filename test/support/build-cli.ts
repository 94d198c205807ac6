import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The built src/cli/main.js, for runCli. */
    cliMain: string;
  }
}

/**
 * Builds the program once per test run into its own folder, with the layout of the published package. Skips type
 * checks: `npm run check` does them, and one unfinished file must not fail every e2e test.
 */
export function setup(project: TestProject): () => void {
  const root = project.config.root;
  const folder = mkdtempSync(join(tmpdir(), 'elastream-e2e-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
  for (const name of files) {
    if (name !== 'dist') cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', join(folder, 'dist')];
  execFileSync(process.execPath, [compiler, ...options], { cwd: root, stdio: 'inherit' });
  project.provide('cliMain', join(folder, 'dist', 'src', 'cli', 'main.js'));
  return () => rmSync(folder, { recursive: true, force: true });
}
