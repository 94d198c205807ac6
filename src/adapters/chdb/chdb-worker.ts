/**
 * The child process that holds the engine: `chdb-worker DIRECTORY SOCKET`.
 *
 * 1. It lives no longer than its parent: the channel between them closes with the parent, however that ends.
 * 2. It answers an insert only when the engine has written it, so that it outlives the process. (Not a power cut: there
 *    is no fsync, and a rebuild makes the tables anew.)
 * 3. Signals of the terminal are the parent's business; it says when to stop.
 */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ChildMessage } from './chdb-server.ts';
import { openEngine } from './engine.ts';
import { createHttpInterface } from './http-interface.ts';

/** How long requests that are under way may take once it is to stop. */
const STOP_MS_MAX = 5_000;
const [directory, socket] = process.argv.slice(2) as [string, string];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

try {
  const engine = openEngine(directory);
  const server = createHttpInterface(engine);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(leave, STOP_MS_MAX);
    server.close(leave);
    server.closeIdleConnections();
  };
  process.on('message', stop);
  process.on('disconnect', stop);
  rmSync(socket, { force: true });
  server.listen(socket, () => process.send?.({ ready: true } satisfies ChildMessage));
} catch (error) {
  process.send?.({ failed: (error as Error).message } satisfies ChildMessage, () => process.exit(1));
}

/** By signal, because the engine's destructors can hang for ever after a query; what was acknowledged is written (2). */
function leave(): void {
  // The folder was made for this socket alone; a parent that was killed cannot remove it.
  if (!process.connected) rmSync(dirname(socket), { recursive: true, force: true });
  process.kill(process.pid, 'SIGKILL');
}
