import { AppError } from '../../model/app-error.ts';
import { type Caller, clientName } from './client-name.ts';

/** How many calls of a method each client may have at a time. */
export interface CallLimit {
  readonly callsMax: number;
  /** Name of the setting, for messages and metrics. */
  readonly setting: string;
  /** Size limit of a request. A request can need a hundred times its size in memory. */
  readonly requestBytesMax?: number;
}

/**
 * Limits by method, such as `elastream.v1.Gateway/Submit`; `*` applies to each method that is not named. A method
 * without an entry has no limit.
 */
export type CallLimits = Readonly<Record<string, CallLimit>>;

export function limitOf(limits: CallLimits, method: string): CallLimit | undefined {
  return limits[method] ?? limits['*'];
}

/** Counts the calls that run. */
export interface RunningCalls {
  /**
   * @returns a function to be called once when the call ends
   * @throws AppError `resource_exhausted` if the client has reached its limit
   */
  enter(call: Caller, method: string): () => void;
}

export function createRunningCalls(limits: CallLimits, onRefused: (limit: CallLimit) => void): RunningCalls {
  const running = new Map<string, number>();
  return {
    enter(call, method) {
      const limit = limitOf(limits, method);
      if (limit === undefined) return () => {};
      const client = clientName(call);
      const key = `${client} ${method}`;
      const calls = running.get(key) ?? 0;
      if (calls >= limit.callsMax) {
        onRefused(limit);
        const problem = `${client} has ${calls} calls of ${method} at a time already`;
        const remedy = `end some of them first, or have ${limit.setting} of the server raised`;
        throw new AppError('resource_exhausted', `${problem}: ${remedy}`, { retryable: true });
      }
      running.set(key, calls + 1);
      return () => {
        const left = running.get(key)! - 1;
        if (left > 0) running.set(key, left);
        else running.delete(key);
      };
    },
  };
}
