import { type ResourceLimits, Worker } from 'node:worker_threads';
import { AppError } from '../../model/app-error.ts';

/*
 * Invariants:
 * 1. A thread reports once that it is ready, then answers its jobs one by one, in order. So the first unanswered job of
 *    a lost thread is the job that it was working on. Only this job fails; the later ones go to another thread.
 * 2. However a thread ends, each of its jobs is settled or given back to the queue.
 * 3. A thread that never got ready has begun no job, so its end says nothing about its jobs.
 * 4. A thread starts with its first job, and again after it was lost. An idle thread does not keep the process alive.
 */

/** A fixed number of worker threads with one queue. */
export interface WorkerPool<I, O> {
  /** @throws WorkerLost; AppError `internal`, retryable, if no thread gets ready; AppError `closed` */
  run(input: I): Promise<O>;
  /** Ends the threads at once. Unanswered jobs fail. */
  close(): Promise<void>;
}

export interface WorkerPoolOptions<I> {
  /** The worker's program. It posts one message when it is ready, then one for each message that it receives. */
  readonly script: URL;
  readonly size: number;
  readonly workerData?: unknown;
  readonly resourceLimits?: ResourceLimits;
  /**
   * Maximum total weight of the jobs that a thread has at hand. Several jobs at hand spare it the wait for the next
   * one.
   */
  readonly loadMax: number;
  weigh(input: I): number;
}

/** A thread ended during a job: it threw an error, ran out of memory or exited. */
export class WorkerLost extends AppError {
  constructor(reason: string, cause?: unknown) {
    super('internal', `a worker thread was lost: ${reason}`, { cause });
    this.name = 'WorkerLost';
  }
}

interface Job<I, O> {
  readonly input: I;
  readonly weight: number;
  resolve(output: O): void;
  reject(error: unknown): void;
}

export function createWorkerPool<I, O>(options: WorkerPoolOptions<I>): WorkerPool<I, O> {
  const { size, loadMax, weigh } = options;
  const queue: Job<I, O>[] = [];
  const giveBack = (jobs: readonly Job<I, O>[]) => void queue.unshift(...jobs);
  const seats = Array.from({ length: size }, () => createSeat<I, O>(options, { giveBack, onRoom: pump }));
  let closed = false;

  function pump(): void {
    for (let job = queue[0]; job !== undefined; job = queue[0]) {
      const seat = seats.reduce((best, other) => (other.load() < best.load() ? other : best));
      const isFull = seat.load() > 0 && seat.load() + job.weight > loadMax;
      if (isFull || closed) return;
      queue.shift();
      seat.give(job);
    }
  }

  return {
    run: (input) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closedError());
        queue.push({ input, weight: weigh(input), resolve, reject });
        pump();
      }),
    async close() {
      closed = true;
      for (const job of queue.splice(0)) job.reject(closedError());
      await Promise.all(seats.map((seat) => seat.close()));
    },
  };
}

interface Seat<I, O> {
  /** Total weight of its unanswered jobs. */
  load(): number;
  give(job: Job<I, O>): void;
  close(): Promise<void>;
}

interface SeatEvents<I, O> {
  giveBack(jobs: readonly Job<I, O>[]): void;
  onRoom(): void;
}

function createSeat<I, O>(options: WorkerPoolOptions<I>, events: SeatEvents<I, O>): Seat<I, O> {
  const { script, workerData, resourceLimits } = options;
  const given: Job<I, O>[] = [];
  let worker: Worker | undefined;
  let isReady = false;

  function answer(output: O): void {
    given.shift()?.resolve(output); // 1
    if (given.length === 0) worker?.unref(); // 4
    events.onRoom();
  }

  function lose(lost: Worker, reason: string, cause?: unknown): void {
    if (worker !== lost) return;
    worker = undefined;
    const jobs = given.splice(0); // 2
    if (isReady)
      jobs.shift()?.reject(new WorkerLost(reason, cause)); // 1
    else for (const job of jobs.splice(0)) job.reject(notStarted(reason, cause)); // 3
    events.giveBack(jobs);
    events.onRoom();
  }

  function start(): Worker {
    const started = new Worker(script, { workerData, ...(resourceLimits && { resourceLimits }) });
    isReady = false;
    started.on('message', (message: O) => {
      if (worker !== started) return;
      if (isReady) answer(message);
      isReady = true;
    });
    // An error may arrive before earlier answers; the exit arrives after all of them.
    let failure: { readonly error: unknown } | undefined;
    const note = (error: unknown) => {
      failure ??= { error };
    };
    started.on('error', note);
    started.on('messageerror', (error) => {
      note(error);
      void started.terminate();
    });
    started.on('exit', (code) => {
      const reason = failure ? String(failure.error) : `it stopped with code ${code}`;
      lose(started, reason, failure?.error);
    });
    return started;
  }

  return {
    load: () => given.reduce((sum, { weight }) => sum + weight, 0),
    give(job) {
      given.push(job);
      worker ??= start();
      worker.ref();
      worker.postMessage(job.input);
    },
    async close() {
      const ending = worker;
      worker = undefined;
      for (const job of given.splice(0)) job.reject(closedError()); // 2
      await ending?.terminate();
    },
  };
}

function notStarted(reason: string, cause: unknown): AppError {
  return new AppError('internal', `a worker thread could not be started: ${reason}`, { retryable: true, cause });
}

function closedError(): AppError {
  return new AppError('closed', 'the worker threads have been stopped');
}
