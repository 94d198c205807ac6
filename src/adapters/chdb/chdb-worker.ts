/**
 * The child process that holds the engine: `chdb-worker DIRECTORY SOCKET`.
 *
 * 1. The child never outlives its parent: the IPC channel closes when the parent ends, for any reason.
 * 2. The child answers an insert only after the engine has written it, so the insert survives the end of the process.
 *    (It may not survive a power cut: there is no fsync. A rebuild creates the tables again.)
 * 3. The child ignores the terminal's signals; the parent tells it when to stop.
 */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ChildMessage } from './chdb-server.ts';
import { openEngine } from './engine.ts';
import { createHttpInterface } from './http-interface.ts';

/** Time that running requests get to end after a stop. */
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

/**
 * Ends the process by a signal, because the engine's destructors can hang forever after a query. Acknowledged inserts
 * are written (2).
 */
function leave(): void {
  // The folder exists only for this socket, and a parent that was killed cannot remove it.
  if (!process.connected) rmSync(dirname(socket), { recursive: true, force: true });
  process.kill(process.pid, 'SIGKILL');
}
