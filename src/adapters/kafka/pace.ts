import { systemTiming, type Timing } from './timing.ts';

/*
 * An exchange with a broker costs nearly the same however much it carries. While events flow, a short rest between two
 * exchanges lets the next one carry more. After a quiet time, a rest before the first event only delays it.
 */

/** Rests between the exchanges of one line of work. There is no rest while each carries one or two items only. */
export interface Pace {
  /** After an exchange that carried so many. */
  rest(carried: number, signal?: AbortSignal): Promise<void>;
}

/** So many come alone: a result, or a label with its material. */
const FEW = 2;

export function createPace(restMsMax: number, timing: Timing = systemTiming): Pace {
  let restMs = 0;
  return {
    async rest(carried, signal) {
      restMs = carried > FEW ? Math.min(2 * restMs + 1, restMsMax) : Math.floor(restMs / 2);
      if (restMs > 0) await timing.sleep(restMs, signal);
    },
  };
}
