import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../free-ports.ts';
import { scratchDirectory } from '../scratch.ts';

/** A real NATS server on a loopback port, with JetStream in its own directory. */
export interface NatsServer {
  /** URL, which does not change with restarts. */
  readonly url: string;
  /** Kills the server as a crash would: it writes nothing more. */
  kill(): Promise<void>;
  /** Suspends the server: connections stay open, and nothing is answered. */
  freeze(): void;
  thaw(): void;
  start(): Promise<void>;
  /** Restarts it with other lines of configuration. */
  restart(lines: string): Promise<void>;
  /** Deletes its data. The server must not be running. */
  wipe(): void;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

const READY_MS_MAX = 60_000;

export async function startNatsServer(binary: string, lines = ''): Promise<NatsServer> {
  const [port] = (await freePorts(1)) as [number];
  const scratch = scratchDirectory();
  const config = join(scratch.path, 'nats.conf');
  const store = join(scratch.path, 'jetstream');
  let server: ReturnType<typeof spawn> | undefined;
  let output = '';

  function configure(more: string): void {
    const jetstream = `jetstream { store_dir: ${JSON.stringify(store)}, sync_interval: always }`;
    writeFileSync(config, `listen: "127.0.0.1:${port}"\n${jetstream}\n${more}\n`);
  }

  async function start(): Promise<void> {
    output = '';
    const started = spawn(binary, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    server = started;
    started.stderr!.on('data', (chunk) => {
      output += chunk;
    });
    const deadline = performance.now() + READY_MS_MAX;
    while (!(output.includes('Server is ready') && (await answers(port)))) {
      if (started.exitCode !== null || performance.now() > deadline) {
        throw new Error(`nats-server is not ready: ${output.slice(-2000)}`);
      }
      await sleep(2);
    }
  }

  async function kill(): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }

  configure(lines);
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    kill,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    start,
    async restart(more) {
      await kill();
      configure(more);
      await start();
    },
    wipe: () => rmSync(store, { recursive: true, force: true }),
    async stop() {
      await kill();
      await scratch.remove();
    },
  };
}

/** Starts a cluster of three servers, which keeps three replicas. */
export async function startNatsCluster(binary: string): Promise<readonly NatsServer[]> {
  const ports = await freePorts(3);
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
  const lines = (port: number, i: number) =>
    `server_name: n${i}\ncluster { name: test, listen: "127.0.0.1:${port}", routes: [${routes}] }`;
  return Promise.all(ports.map((port, i) => startNatsServer(binary, lines(port, i))));
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
