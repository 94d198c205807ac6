import type { InputRejected } from '../model/events.ts';
import type { Topics } from '../model/topics.ts';
import type { Projection } from './projection.ts';

/** The inputs that the log has refused, once each, in the order of their first refusal; or what is kept of them. */
export interface Rejections<Kept> extends Projection {
  all(): readonly Kept[];
}

export function createRejections<Kept>({ rejections }: Topics, made: (event: InputRejected) => Kept): Rejections<Kept> {
  const byId = new Map<string, Kept>();
  return {
    topics: [rejections],
    all: () => [...byId.values()],
    take: ({ event }) => void (event.type === 'InputRejected' && byId.set(event.id, made(event))),
  };
}
