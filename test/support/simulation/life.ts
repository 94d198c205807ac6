import { AppError } from '../../../src/model/app-error.ts';
import type { Fault } from './fault-rates.ts';
import { type Surroundings, unavailable } from './surroundings.ts';

/** A node from its start to its crash. */
export interface Life {
  /** The node's name and how often it has started: `shard-1#2`. */
  readonly who: string;
  isOver(): boolean;
  /** From now on nothing reaches the node: everything for which it waits never settles, as in a killed process. */
  end(): void;
  /** Runs the action at once if the life is already over. */
  onEnd(action: () => void): void;
  through<T>(outcome: Promise<T>): Promise<T>;
}

export function createLife(who: string): Life {
  let over = false;
  const endings: (() => void)[] = [];
  return {
    who,
    isOver: () => over,
    end() {
      over = true;
      for (const action of endings.splice(0)) action();
    },
    onEnd(action) {
      if (over) action();
      else endings.push(action);
    },
    through: (outcome) =>
      new Promise((resolve, reject) => {
        outcome.then(
          (value) => !over && resolve(value),
          (error) => !over && reject(error),
        );
      }),
  };
}

/** A node's access to one of its ports. */
export interface PortCalls {
  /** Delays the call and its return, and may fail with `fault`. A crash meanwhile leaves open whether it took place. */
  call<T>(what: string, fault: Fault, action: () => Promise<T> | T): Promise<T>;
  /** Refuses every later call with `closed`. */
  close(): void;
}

export function createPortCalls(around: Surroundings, life: Life, port: string): PortCalls {
  let closed = false;
  const onTheWay = around.random.fork(`on the way ${life.who} ${port}`);

  async function make<T>(what: string, fault: Fault, action: () => Promise<T> | T): Promise<T> {
    if (closed) throw new AppError('closed', `the ${port} is closed`);
    await around.pause();
    if (life.isOver() && onTheWay.chance(0.5)) return new Promise(() => {});
    if (around.strikes(fault)) throw unavailable(`the ${port}`);
    const result = await action();
    around.tell(life.who, what);
    await around.pause();
    return result;
  }

  return {
    call: (what, fault, action) => life.through(make(what, fault, action)),
    close() {
      closed = true;
    },
  };
}
