import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type ChdbServer, startChdbServer } from '../../../src/adapters/chdb/chdb-server.ts';
import { connectClickHouse } from '../../../src/adapters/clickhouse/connect.ts';
import { MIGRATIONS } from '../../../src/adapters/clickhouse/migrations.ts';
import { openResultStore } from '../../../src/adapters/clickhouse/result-store.ts';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../../src/adapters/in-process/system-random.ts';
import { findSocket } from '../../../src/adapters/unix-socket/socket-path.ts';
import { connectTables, joinResultStore, openEmbeddedResultStore } from '../../../src/cli/embedded-result-store.ts';
import type { PredictionBatch, ResultStore } from '../../../src/ports/result-store.ts';
import { retrying } from '../../../src/runtime/retry.ts';
import { count, predictions, select } from '../../contract/result-store.contract.ts';
import { startModule } from '../../support/built-modules.ts';
import { chdbWorkerScript, MISSING_CHDB } from '../../support/chdb.ts';
import { cliMain } from '../../support/cli.ts';
import { describeUnless, itUnless } from '../../support/needs.ts';

const BATCH: PredictionBatch = { campaign: 'c', round: 1, epoch: 1, snapshotHash: 'h1:00', partitions: [0, 1, 2] };
const workerScript = chdbWorkerScript();
const built = (path: string) => new URL(path, pathToFileURL(cliMain())).href;

let cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  cleanups = [];
});

describeUnless(MISSING_CHDB, 'the engine in its child process', () => {
  it('after kill -9 amid inserts: starts again, and everything acknowledged is there', async () => {
    const directory = newDirectory();
    const { server, store } = await open(directory);
    const acknowledged: number[] = [];
    let kills = 0;
    let writing = true;
    const writers = [0, 1].map(async (writer) => {
      for (let round = 1 + writer; writing; round += 2) {
        // As a service does it: the second kill may hit the store's own one retry.
        await retrying({ clock: systemClock, random: systemRandom }, () =>
          store.storePredictions({ ...BATCH, round }, predictions(300)),
        );
        acknowledged.push(round);
      }
    });
    while (kills < 3) {
      await new Promise((resolve) => setTimeout(resolve, 400));
      if (server.pid === undefined) continue;
      process.kill(server.pid, 'SIGKILL');
      kills++;
    }
    await expect.poll(() => server.pid, { timeout: 60_000 }).toBeDefined();
    const before = acknowledged.length;
    await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(before + 4);
    writing = false;
    await Promise.all(writers);
    await server.close();
    const reopened = await openEmbeddedResultStore(directory, { workerScript });
    cleanups.push(() => reopened.close());
    const rows = await select(reopened, 'SELECT round, count() AS n FROM predictions GROUP BY round ORDER BY round');
    const stored = new Map(rows.map(({ round, n }) => [round, n]));
    expect(acknowledged.filter((round) => stored.get(round) !== 300)).toEqual([]);
    const noted = new Map((await reopened.storedPredictions(BATCH.campaign)).map((one) => [one.round, one.partitions]));
    for (const round of acknowledged) expect(noted.get(round)).toEqual([0, 1, 2]);
  });

  it('fails a query that the engine died of, and answers the next one', async () => {
    const { server, store } = await open(newDirectory());
    const dying = count(store, 'numbers(1000000000000)');
    setTimeout(() => process.kill(server.pid!, 'SIGKILL'), 300);
    await expect(dying).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    // The next may still meet a connection of the engine that died, and says that trying again can help.
    const next = await retrying({ clock: systemClock, random: systemRandom }, () => count(store, 'numbers(5)'));
    expect(next).toBe(5);
  });

  it('ends with its parent, also when that is killed', async () => {
    const directory = newDirectory();
    const parent = startParent(directory);
    const [pid, socket] = (await firstLine(parent)).split(' ') as [string, string];
    expect(isRunning(Number(pid))).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isRunning(Number(pid)), { timeout: 60_000 }).toBe(false);
    expect(existsSync(dirname(socket))).toBe(false);
    const { store } = await open(directory);
    expect(await count(store, 'predictions')).toBe(10);
  });

  it('ends with a killed parent even amid a query that never ends', async () => {
    const parent = startParent(newDirectory(), "store.query('SELECT count() FROM numbers(1000000000000)').next();");
    const pid = Number((await firstLine(parent)).split(' ')[0]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    parent.kill('SIGKILL');
    await expect.poll(() => isRunning(pid), { timeout: 60_000 }).toBe(false);
  });

  it('leaves Ctrl-C to its parent', async () => {
    const { server, store } = await open(newDirectory());
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(server.pid!, signal);
    const { pid } = server;
    await store.storePredictions(BATCH, predictions(10));
    expect(server.pid).toBe(pid);
  });

  it('is gone once closed, with its socket; closing twice is closing once', async () => {
    const directory = newDirectory();
    const { server, store } = await open(directory);
    const pid = server.pid!;
    await store.storePredictions(BATCH, predictions(10));
    await Promise.all([server.close(), server.close()]);
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(dirname(server.socketPath))).toBe(false);
    expect(await findSocket(directory)).toBeUndefined();
    await expect(store.storePredictions(BATCH, predictions(1))).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describeUnless(MISSING_CHDB, 'a second process on the directory', () => {
  it('is refused by name, and may join the first', async () => {
    const directory = newDirectory();
    const { server, store } = await open(directory);
    await store.storePredictions(BATCH, predictions(10));
    const second = startChdbServer(directory, { workerScript });
    await expect(second).rejects.toMatchObject({ code: 'storage_locked', retryable: true });
    expect(await findSocket(directory)).toBe(server.socketPath);
    const joined = await joinResultStore(directory, { workerScript });
    expect(await count(joined, 'predictions')).toBe(10);
    await joined.close();
    await store.storePredictions(BATCH, predictions(20));
  });

  it('opens the tables itself where the first was killed and left its socket behind', async () => {
    const directory = newDirectory();
    const parent = startParent(directory);
    const pid = Number((await firstLine(parent)).split(' ')[0]);
    parent.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isRunning(pid), { timeout: 60_000 }).toBe(false);
    const joined = await joinResultStore(directory, { workerScript });
    cleanups.push(() => joined.close());
    expect(await count(joined, 'predictions')).toBe(10);
  });
});

describeUnless(MISSING_CHDB, 'the schema', () => {
  it('of a newer elastream is refused, and cleared by a rebuild', async () => {
    const directory = newDirectory();
    const { server, store } = await open(directory);
    const client = connectClickHouse(server);
    await client.command({ query: 'INSERT INTO schema_versions (version) VALUES (99)' });
    const again = openResultStore(client);
    await expect(again).rejects.toMatchObject({
      code: 'storage_incompatible',
      message: expect.stringMatching(/version 99, newer.*rebuild/),
    });
    await store.clear();
    const emptied = await connectTables(server.socketPath);
    expect(await count(emptied, 'predictions')).toBe(0);
    await emptied.close();
    await client.close();
  });

  it('of version 2 shows its rows under the names of today', async () => {
    const { server, store } = await open(newDirectory());
    const client = connectClickHouse(server);
    cleanups.push(() => client.close());
    await store.clear();
    const older = MIGRATIONS.slice(0, 2).flat();
    for (const query of [...older, 'TRUNCATE TABLE schema_versions']) await client.command({ query });
    for (const version of [1, 2]) {
      await client.command({ query: `INSERT INTO schema_versions (version) VALUES (${version})` });
    }
    const row = "'c', 1, 'g_vrh', 'mp-1', 0, 80.5, 2.5, [78, 83], 81, 1";
    await client.command({ query: `INSERT INTO stored_predictions VALUES (${row})` });
    const migrated = await connectTables(server.socketPath);
    cleanups.push(() => migrated.close());
    const query = 'SELECT material_id, mean, stdev, calculated FROM predictions';
    expect(await select(migrated, query)).toEqual([{ material_id: 'mp-1', mean: 80.5, stdev: 2.5, calculated: 81 }]);
  });

  it('that is older is an error for a node that may not change tables', async () => {
    const { server } = await open(newDirectory());
    const client = connectClickHouse(server);
    cleanups.push(() => client.close());
    await client.command({ query: 'TRUNCATE TABLE schema_versions' });
    const store = openResultStore(client, { tables: 'check' });
    await expect(store).rejects.toMatchObject({
      code: 'storage_incompatible',
      message: expect.stringMatching(/version 0, older.*rebuild/),
    });
    await openResultStore(client);
    await openResultStore(client, { tables: 'check' });
  });
});

describe('without the package chdb', () => {
  it('says how to install it', () => {
    const folder = newDirectory();
    execFileSync('cp', ['-rL', join(dirname(cliMain()), '..', '..'), join(folder, 'dist')]);
    const main = pathToFileURL(join(folder, 'dist', 'src', 'adapters', 'chdb', 'chdb-server.js')).href;
    const code = `import('${main}').then((m) => m.startChdbServer('${folder}')).catch((e) => console.log(e.code, e.message))`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(output).toMatch(/^dependency_missing .*npm install chdb/);
  });
});

itUnless(
  MISSING_CHDB,
  'finds a place for its socket where the path of temporary files is too long for one',
  async () => {
    const long = join(newDirectory(), 'x'.repeat(100));
    const previous = process.env.TMPDIR;
    cleanups.push(() => {
      if (previous === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = previous;
    });
    process.env.TMPDIR = long;
    const { store } = await open(join(long, 'results'));
    expect(await count(store, 'predictions')).toBe(0);
  },
);

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'elastream-chdb-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function open(directory: string): Promise<{ server: ChdbServer; store: ResultStore }> {
  const server = await startChdbServer(directory, { workerScript });
  cleanups.push(() => server.close());
  return { server, store: await connectTables(server.socketPath, server.recover) };
}

/** A process that opens the directory, stores ten rows, prints the engine's process id and socket, and stays. */
function startParent(directory: string, then = ''): ChildProcess {
  const code = `
    import { startChdbServer } from '${built('../adapters/chdb/chdb-server.js')}';
    import { connectTables } from '${built('embedded-result-store.js')}';
    const server = await startChdbServer('${directory}');
    const store = await connectTables(server.socketPath);
    const rows = ${JSON.stringify(predictions(10))};
    await store.storePredictions(${JSON.stringify(BATCH)}, rows);
    ${then}
    console.log(server.pid, server.socketPath);
    setInterval(() => {}, 1000);`;
  const { process: parent } = startModule(code);
  cleanups.push(() => parent.kill('SIGKILL'));
  return parent;
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return line;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
