import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SCRIPTS = import.meta.dirname;
export const PROJECT = join(SCRIPTS, '../..');
const OUTPUT_BYTES_MAX = 2 ** 26;

/** Runs a script of the laboratory. @returns its standard output @throws Error with what it said */
export async function script(name: string, args: readonly string[], secondsMax = 600): Promise<string> {
  const options = { timeout: secondsMax * 1000, maxBuffer: OUTPUT_BYTES_MAX, cwd: PROJECT };
  const { stdout } = await promisify(execFile)(join(SCRIPTS, name), [...args], options);
  return stdout;
}

/** Runs a script whose output the user follows. */
export function shownScript(name: string, args: readonly string[] = []): Promise<void> {
  const child = spawn(join(SCRIPTS, name), [...args], { stdio: ['ignore', 'inherit', 'inherit'], cwd: PROJECT });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}`))));
  });
}

export const kubectl = (...args: string[]) => script('node.sh', ['k', '-n', NAMESPACE, ...args]);
export const helm = (...args: string[]) => script('node.sh', ['helm', '-n', NAMESPACE, ...args]);
/** Runs a command in the node's network, where the addresses of pods and Services answer. */
export const inNode = (...args: string[]) => script('node.sh', ['in', ...args]);

export const NAMESPACE = 'elastream';
export const RELEASE = 'elastream';

export interface Pod {
  readonly name: string;
  readonly component: string;
  readonly address: string;
  readonly isReady: boolean;
  readonly isGoing: boolean;
  readonly restarts: number;
  /** Of its only container; undefined before it runs. */
  readonly container: string | undefined;
}

/** The pods of the release; of one component, if one is given. */
export async function pods(component?: string): Promise<Pod[]> {
  const { items } = JSON.parse(
    await kubectl('get', 'pods', '-l', `app.kubernetes.io/instance=${RELEASE}`, '-o', 'json'),
  );
  return (items as readonly KubernetesPod[])
    .map(({ metadata, status }) => ({
      name: metadata.name,
      component: metadata.labels['app.kubernetes.io/component'] ?? '',
      address: status.podIP ?? '',
      isReady: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
      isGoing: metadata.deletionTimestamp !== undefined,
      restarts: status.containerStatuses?.[0]?.restartCount ?? 0,
      container: status.containerStatuses?.[0]?.containerID?.replace(/^.*\/\//, ''),
    }))
    .filter((pod) => component === undefined || pod.component === component);
}

interface KubernetesPod {
  readonly metadata: { name: string; labels: Record<string, string>; deletionTimestamp?: string };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number; readonly containerID?: string }[];
  };
}

/** Repeats a question until its answer is not undefined. @throws Error that names what was waited for */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { secondsMax = 180, everyMs = 500 } = {},
): Promise<T> {
  const deadline = performance.now() + secondsMax * 1000;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${secondsMax} s`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

export function allReady(secondsMax = 300): Promise<true> {
  return eventually(
    'every pod ready',
    async () => {
      const all = (await pods()).filter(({ component }) => component !== 'test');
      return all.length > 0 && all.every(({ isReady, isGoing }) => isReady && !isGoing) ? true : undefined;
    },
    { secondsMax },
  );
}

/** Ends a pod's process as a power cut would. */
export async function killPod({ container, name }: Pod): Promise<void> {
  if (container === undefined) throw new Error(`${name} has no container`);
  const socket = (await script('node.sh', ['socket'])).trim();
  await inNode('ctr', '-a', socket, '-n', 'k8s.io', 'task', 'kill', '-s', '9', container);
}
