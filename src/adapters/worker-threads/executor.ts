import { createWorkerPool } from './worker-pool.ts';

/** Something that turns one input into one output, on this thread or another. */
export interface Executor<I, O> {
  /** How many inputs it should hold at a time, so that it never idles and memory stays bounded. */
  readonly appetite: number;
  run(input: I): Promise<O>;
  /** Stops at once; what was running fails. */
  close(): Promise<void>;
}

/** Per worker: one input at work, one waiting, and some finished ones that wait for a slower one before them. */
const APPETITE_PER_WORKER = 6;
const AT_HAND_PER_WORKER = 2;

/** On so many worker threads; one that is lost fails what it was at, and whoever asked for it ends the run. */
export function createThreadedExecutor<I, O>(script: URL, workerData: unknown, size: number): Executor<I, O> {
  const pool = createWorkerPool<I, O>({ script, size, workerData, loadMax: AT_HAND_PER_WORKER, weigh: () => 1 });
  return { appetite: size * APPETITE_PER_WORKER, ...pool };
}

/** Does the work on this thread, one input at a time, and lets signals and the progress line have their turn between. */
export function createInlineExecutor<I, O>(work: (input: I) => O): Executor<I, O> {
  return {
    appetite: 1,
    run: (input) => new Promise((resolve) => setImmediate(resolve)).then(() => work(input)),
    close: async () => {},
  };
}

/**
 * Runs everything from `source` and gives the outputs in the order of the inputs, each as soon as it is ready, even
 * while the source is silent.
 */
export async function* inOrder<I, O>(source: AsyncIterable<I>, executor: Executor<I, O>): AsyncGenerator<O> {
  const inputs = source[Symbol.asyncIterator]();
  const pending: Promise<{ output: O }>[] = [];
  let arriving: Promise<{ input: IteratorResult<I> }> | undefined;
  let ended = false;
  const pull = () => inputs.next().then((input) => ({ input }));
  try {
    for (;;) {
      if (!ended && pending.length < executor.appetite) arriving ??= pull();
      const awaited = [arriving, pending[0]].filter((promise) => promise !== undefined);
      if (awaited.length === 0) return;
      const event = await Promise.race(awaited);
      if ('output' in event) {
        pending.shift();
        yield event.output;
        continue;
      }
      arriving = undefined;
      if (event.input.done) ended = true;
      else pending.push(started(executor.run(event.input.value)));
    }
  } finally {
    // Not awaited: a silent source ends only when its own source is closed.
    inputs.return?.().catch(() => {});
  }
}

function started<O>(running: Promise<O>): Promise<{ output: O }> {
  const promise = running.then((output) => ({ output }));
  // It may fail while an earlier one is awaited; the failure is met in its turn.
  promise.catch(() => {});
  return promise;
}
