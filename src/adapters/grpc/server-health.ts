import { status } from '@grpc/grpc-js';
import {
  type Health,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '../../protocol/generated/grpc/health/v1/health.generated.ts';
import { StatusError } from './grpc-failure.ts';

/** Health of a server and of its services, which all have the same status. */
export interface ServerHealth {
  readonly implementation: Health;
  setServing(is: boolean): void;
  /** Sets the status to not serving, notifies the watchers, and then ends their calls. */
  end(): void;
}

export function createServerHealth(services: readonly string[]): ServerHealth {
  const known: ReadonlySet<string> = new Set(['', ...services]);
  const wakes = new Set<() => void>();
  let current: ServingStatus = ServingStatus.SERVING;
  let ended = false;

  function change(to: ServingStatus): void {
    if (ended) return;
    current = to;
    for (const wake of wakes) wake();
  }

  /** Not a generator, because a generator cannot be returned while it waits. */
  function watch(service: string): AsyncIterableIterator<HealthCheckResponse> {
    let told: ServingStatus | undefined;
    let isLeft = false;
    let resume = () => {};
    const wake = () => resume();
    wakes.add(wake);
    return {
      async next() {
        for (;;) {
          const now = known.has(service) ? current : ServingStatus.SERVICE_UNKNOWN;
          if (!isLeft && now !== told) {
            told = now;
            return { value: { status: now }, done: false };
          }
          if (isLeft || ended) return { value: undefined, done: true };
          await new Promise<void>((resolve) => {
            resume = resolve;
          });
        }
      },
      async return() {
        isLeft = true;
        wakes.delete(wake);
        resume();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  return {
    implementation: {
      async Check({ service }) {
        if (known.has(service)) return { status: current };
        throw new StatusError(status.NOT_FOUND, `there is no service ${service} here`);
      },
      Watch: ({ service }) => watch(service),
    },
    setServing: (is) => change(is ? ServingStatus.SERVING : ServingStatus.NOT_SERVING),
    end() {
      change(ServingStatus.NOT_SERVING);
      ended = true;
    },
  };
}
