import { type ChdbServerOptions, startChdbServer } from '../adapters/chdb/chdb-server.ts';
import { READING_USER } from '../adapters/chdb/engine-users.ts';
import { connectClickHouse } from '../adapters/clickhouse/connect.ts';
import { openResultStore } from '../adapters/clickhouse/result-store.ts';
import { findSocket } from '../adapters/unix-socket/socket-path.ts';
import type { ResultStore } from '../ports/result-store.ts';

/**
 * The tables of a directory, on an engine of our own that ends with us.
 * @throws AppError `dependency_missing`, `storage_locked`, `storage_incompatible`, `unavailable`
 */
export async function openEmbeddedResultStore(
  directory: string,
  options: ChdbServerOptions = {},
): Promise<ResultStore> {
  const server = await startChdbServer(directory, options);
  try {
    const store = await connectTables(server.socketPath, server.recover);
    return { ...store, close: () => store.close().finally(server.close) };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** The tables of a directory through the process that has them open, or else as openEmbeddedResultStore. */
export async function joinResultStore(directory: string, options: ChdbServerOptions = {}): Promise<ResultStore> {
  const socketPath = await findSocket(directory);
  if (socketPath === undefined) return openEmbeddedResultStore(directory, options);
  return connectTables(socketPath);
}

/** Through the engine at this socket, with a connection that writes and one that may only read. */
export function connectTables(socketPath: string, recover?: () => Promise<void>): Promise<ResultStore> {
  const reader = connectClickHouse({ socketPath, username: READING_USER });
  return openResultStore(connectClickHouse({ socketPath }), { reader, ...(recover && { recover }) });
}
