import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { seedCorpus } from './seed-corpus.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const TARGETS = join(ROOT, 'test/fuzz/targets');
/** Inputs that are kept with the project: the worst ones found, and examples of every format. */
const KEPT = join(ROOT, 'test/fuzz/corpus');
const SUFFIX = '.fuzz.mjs';
/** Enough for some thousand sites, and for a superlinear cost to show. */
const INPUT_BYTES_MAX = 16_384;
const MEMORY_MB_MAX = 2048;
/** A limit for inputs that never end; inputs that are merely slow fail by themselves. */
const INPUT_MS_MAX = 60_000;
const LINES_SHOWN = 40;

/** The names of all targets. */
export const FUZZ_TARGETS: readonly string[] = readdirSync(TARGETS)
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length))
  .sort();

export interface FuzzRun {
  readonly engine: readonly string[];
  readonly target: string;
  /** The folder of the built program; dist by default. */
  readonly dist?: string;
  /** The file of the target, if it is not one of the project's own. */
  readonly path?: string;
  readonly runs: number;
  readonly seed: number;
  /** The folder in which inputs that reach new code are kept from run to run. */
  readonly corpus: string;
  /** The folder for failing inputs. */
  readonly findings: string;
  readonly signal?: AbortSignal;
  onLine?(line: string): void;
}

export interface FuzzOutcome {
  readonly passed: boolean;
  readonly executions: number;
  /** The last lines of the fuzzer's output: the failure and the path of its input. */
  readonly report: string;
}

/** Runs one target with inputs mutated from its corpus towards code that no input has reached before. */
export async function fuzzTarget(options: FuzzRun): Promise<FuzzOutcome> {
  const { engine, target, runs, seed, corpus, findings, signal } = options;
  const { path = join(TARGETS, `${target}${SUFFIX}`) } = options;
  const kept = join(KEPT, target);
  mkdirSync(findings, { recursive: true });
  seedCorpus(target, corpus);
  const [command, ...first] = engine;
  const words = [
    ...first,
    ...[path, corpus, ...(existsSync(kept) ? [kept] : [])],
    ...['--sync', '--timeout', String(INPUT_MS_MAX)],
    // Code inside libraries does not guide the search; it must still end and not crash.
    ...['-i', 'dist/src/', '-i', 'dist/services/', '-i', 'test/fuzz/planted/', '-e', 'node_modules'],
    '--',
    ...[`-runs=${runs}`, `-seed=${seed}`, `-max_len=${INPUT_BYTES_MAX}`, `-rss_limit_mb=${MEMORY_MB_MAX}`],
    `-artifact_prefix=${findings}/`,
  ];
  const env = { ...process.env, ...(options.dist !== undefined && { ELASTREAM_DIST: options.dist }) };
  const child = spawn(command!, words, {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  const last: string[] = [];
  let executions = 0;
  const onLine = (line: string) => {
    // `#1000000 DONE`: the last lines, with statistics, can be lost if the fuzzer ends before they are read.
    executions = Math.max(executions, Number(/^#(\d+)\s/.exec(line)?.[1] ?? 0));
    last.push(line);
    if (last.length > LINES_SHOWN) last.shift();
    options.onLine?.(line);
  };
  for (const stream of [child.stdout, child.stderr]) eachLine(stream, onLine);
  const code = await new Promise<number | null>((ended) => {
    child.on('close', ended);
    child.on('error', (error) => onLine(String(error)));
  });
  return { passed: code === 0 && executions >= runs, executions, report: last.join('\n') };
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop()!;
    lines.forEach(onLine);
  });
}
