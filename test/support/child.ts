import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inject } from 'vitest';

/** The URL of a built module of src, for programs that run in a process of their own. */
export function builtModule(path: string): string {
  const src = dirname(dirname(inject('cliMain')));
  return pathToFileURL(join(src, path.replace(/[.]ts$/, '.js'))).href;
}

/** The built worker of the featurization. */
export function featurizeWorker(): URL {
  return new URL(builtModule('../services/featurization/featurize-worker.ts'));
}

export interface Child {
  readonly process: ChildProcess;
  /** All that it has written to standard output. */
  output(): string;
  errors(): string;
  /** Resolves with exit code or signal, once all output is here. */
  readonly ended: Promise<number | string>;
}

/** Runs a module's text in Node; with `fileBlocksMax`, no file may grow beyond so many units of 1,024 bytes. */
export function runModule(text: string, options: { fileBlocksMax?: number } = {}): Child {
  const node = [process.execPath, '--input-type=module', '-e', text];
  const limited = ['-c', `ulimit -f ${options.fileBlocksMax}; exec "$@"`, 'bash', ...node];
  const [command, ...args] = options.fileBlocksMax === undefined ? node : ['bash', ...limited];
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return { process: child, output: () => output, errors: () => errors, ended };
}
