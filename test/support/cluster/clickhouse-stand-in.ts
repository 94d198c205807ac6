import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type SupervisedProcess, startSupervised } from './supervised-process.ts';

export interface StandInPlan {
  /** The built program's folder. */
  readonly dist: string;
  readonly port: number;
  readonly directory: string;
  readonly logFile: string;
}

/** ClickHouse's HTTP interface over chdb, in a process of its own: what stands in for a server where none is given. */
export function startClickHouseStandIn({ dist, port, directory, logFile }: StandInPlan): SupervisedProcess {
  const module = (name: string) => JSON.stringify(pathToFileURL(join(dist, 'src/adapters/chdb', name)).href);
  const program = `
    const { openEngine } = await import(${module('engine.js')});
    const { createHttpInterface } = await import(${module('http-interface.js')});
    createHttpInterface(openEngine(${JSON.stringify(directory)})).listen(${port}, '127.0.0.1');
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.kill(process.pid, 'SIGKILL'));
  `;
  return startSupervised({
    name: 'clickhouse',
    args: ['--input-type=module', '-e', program],
    env: { UV_THREADPOOL_SIZE: '12' },
    logFile,
    isReady: async () => (await fetch(`http://127.0.0.1:${port}/ping`, { signal: AbortSignal.timeout(2_000) })).ok,
  });
}
