import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inject } from 'vitest';
import { type NodeProcess, type NodeProcessOptions, startNode } from './node-process.ts';

/** The URL of a built module of src, for programs that run in their own process. */
export function builtModule(path: string): string {
  const src = dirname(dirname(inject('cliMain')));
  return pathToFileURL(join(src, path.replace(/[.]ts$/, '.js'))).href;
}

/** The built worker of the featurization service. */
export function featurizeWorker(): URL {
  return new URL(builtModule('../services/featurization/featurize-worker.ts'));
}

/** Runs the text of a module in Node. */
export function startModule(text: string, options: Pick<NodeProcessOptions, 'fileBlocksMax'> = {}): NodeProcess {
  return startNode(['--input-type=module', '-e', text], options);
}
