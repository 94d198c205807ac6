import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pods } from './node.ts';

const CPU = '/sys/fs/cgroup/cpuacct/kubepods';
const MEMORY = '/sys/fs/cgroup/memory/kubepods';
const SERVERS: ReadonlySet<string> = new Set(['kafka', 'nats', 'clickhouse']);
const MIB = 2 ** 20;

/** What the release's containers use while nothing is done, by their control groups. */
export async function idleUseOf(
  seconds: number,
): Promise<{ readonly cores: number; readonly servicesMiB: number; readonly allMiB: number }> {
  const all = (await pods()).filter(({ container, component }) => container !== undefined && component !== 'test');
  const services = all.filter(({ component }) => !SERVERS.has(component)).map(({ container }) => container!);
  const cpu = () => sum(services.map((id) => number(groupOf(CPU, id), 'cpuacct.usage')));
  const before = cpu();
  const begun = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const cores = (cpu() - before) / 1e6 / (performance.now() - begun);
  const memory = (ids: readonly string[]) => Math.round(sum(ids.map((id) => residentBytes(groupOf(MEMORY, id)))) / MIB);
  return { cores, servicesMiB: memory(services), allMiB: memory(all.map(({ container }) => container!)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function number(folder: string, file: string): number {
  return Number(readFileSync(join(folder, file), 'utf8'));
}

/** Without what the kernel may drop: cached files. */
function residentBytes(folder: string): number {
  return Number(/^total_rss (\d+)$/m.exec(readFileSync(join(folder, 'memory.stat'), 'utf8'))?.[1] ?? 0);
}

/** The folder of a container's control group, whose name holds its id. */
function groupOf(root: string, id: string): string {
  const found = search(root, id, 3);
  if (found === undefined) throw new Error(`no control group of container ${id} under ${root}`);
  return found;
}

function search(folder: string, id: string, depth: number): string | undefined {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!statSync(path).isDirectory()) continue;
    if (name.includes(id)) return path;
    const below = depth > 0 ? search(path, id, depth - 1) : undefined;
    if (below !== undefined) return below;
  }
  return undefined;
}
