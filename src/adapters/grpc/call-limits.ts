import { AppError } from '../../model/app-error.ts';
import { type Caller, clientName } from './client-name.ts';

/** How many calls of a method each client may have at a time. */
export interface CallLimit {
  readonly callsMax: number;
  /** The setting that says so, for messages and metrics. */
  readonly setting: string;
  /** A request may have so many bytes: a few of them can be a hundred times as many in memory. */
  readonly requestBytesMax?: number;
}

/** By method: `elastream.v1.Gateway/Submit`; `*` is each of those that are not named. Without it they have no limit. */
export type CallLimits = Readonly<Record<string, CallLimit>>;

export function limitOf(limits: CallLimits, method: string): CallLimit | undefined {
  return limits[method] ?? limits['*'];
}

/** Counts the calls that run. */
export interface RunningCalls {
  /**
   * @returns what is called once at the call's end
   * @throws AppError `resource_exhausted` where the client has as many as it may
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
