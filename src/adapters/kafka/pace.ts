import { systemTiming, type Timing } from './timing.ts';

/*
 * A request to a broker costs nearly the same, however much it carries. While events flow, a short pause between two
 * requests lets the next one carry more. After a quiet time, a pause before the first event would only delay it.
 */

/**
 * Pauses between the requests of one line of work. There is no pause while each request carries one or two items only.
 */
export interface Pace {
  /** Pauses after a request that carried this many items. */
  rest(carried: number, signal?: AbortSignal): Promise<void>;
}

/** Number of items that come without a backlog: a result, or a label with its material. */
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
