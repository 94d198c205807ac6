import { AppError } from '../model/app-error.ts';
import type { Topics } from '../model/topics.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Random } from '../ports/random.ts';
import type { Telemetry } from '../ports/telemetry.ts';

/** What every service needs. */
export interface ServicePorts {
  readonly log: EventLog;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly random: Random;
  /** Absent if nothing observes the service: in one process, run for its user. */
  readonly telemetry?: Telemetry;
}

/** A running service, or a part of one. */
export interface Service {
  /** Finishes the current work, hands over its partitions, and resolves. */
  stop(): Promise<void>;
  /** Never resolves; rejects with the error that ended the service. */
  readonly failed: Promise<never>;
}

/** The place where a part reports an error after which it cannot continue. */
export interface Failure {
  readonly promise: Promise<never>;
  fail(error: unknown): void;
}

export function createFailure(): Failure {
  let fail: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Avoids an unhandled rejection if nobody observes the promise.
  promise.catch(() => {});
  return { promise, fail: (error) => fail(error) };
}

/** Several parts as one service: stops them in reverse order, fails with the first failure. */
export function combineServices(parts: readonly Service[]): Service {
  const failed = Promise.race(parts.map((part) => part.failed));
  failed.catch(() => {});
  return {
    failed,
    async stop() {
      for (const part of parts.toReversed()) await part.stop();
    },
  };
}

/** The error for a wait that a stop ends. */
export function stopped(): AppError {
  return new AppError('interrupted', 'the service is stopping');
}
