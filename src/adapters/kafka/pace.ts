import { systemTiming, type Timing } from './timing.ts';

/*
 * What an exchange with a broker costs hardly depends on how much it carries. While events flow, whoever rests a little
 * between two exchanges carries more in the next; whoever rests before the first event of a while delays it for nothing.
 */

/** Rests between the exchanges of one line; none while they carry one or two things each. */
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
