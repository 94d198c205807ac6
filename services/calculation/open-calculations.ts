import type { ContentHash } from '../../src/model/content-hash.ts';
import type { CalculationRequested } from '../../src/model/events.ts';
import type { TopicPartition } from '../../src/ports/event-log.ts';
import type { Received } from '../../src/runtime/decode-records.ts';

/** A calculation as the log tells it, and the work at it in this process. */
export interface Calculation {
  readonly partition: number;
  /** The latest. */
  request: CalculationRequested;
  attemptsFailed: number;
  /** Why the last attempt failed. */
  reason: string;
  done: boolean;
  /** Nothing is tried until it is requested again. */
  isHalted: boolean;
  work?: AbortController;
}

/** What is open follows from the log alone: requested, and neither abandoned nor with a result. */
export interface OpenCalculations {
  note(received: Pick<Received, 'event' | 'partition'>): void;
  get(id: ContentHash): Calculation | undefined;
  all(): Iterable<Calculation>;
  /** Ends the work in partitions that another node gets, and forgets them: whoever has them reads them anew. */
  release(partitions: readonly TopicPartition[]): void;
}

export function createOpenCalculations(): OpenCalculations {
  const known = new Map<ContentHash, Calculation>();
  return {
    get: (id) => known.get(id),
    all: () => known.values(),
    note({ event, partition }) {
      if (event.type === 'CalculationRequested') {
        const calculation = known.get(event.calculationId);
        if (calculation === undefined) {
          const fresh = { attemptsFailed: 0, reason: '', done: false, isHalted: false };
          known.set(event.calculationId, { partition, request: event, ...fresh });
        } else if (event.parkings > calculation.request.parkings) {
          Object.assign(calculation, { request: event, isHalted: false });
        }
      } else if (event.type === 'CalculationHalted') {
        const calculation = known.get(event.calculationId);
        if (calculation && event.parkings >= calculation.request.parkings) calculation.isHalted = true;
      } else if (event.type === 'CalculationAttemptFailed') {
        const calculation = known.get(event.calculationId);
        if (calculation && event.attempt > calculation.attemptsFailed) {
          calculation.attemptsFailed = event.attempt;
          calculation.reason = event.reason;
        }
      } else if (event.type === 'CalculationAbandoned' || event.type === 'ResultReceived') {
        const calculation = known.get(event.calculationId);
        if (!calculation) return;
        calculation.done = true;
        calculation.work?.abort();
      }
    },
    release(partitions) {
      const lost = new Set(partitions.map(({ partition }) => partition));
      for (const [id, { partition, work }] of known) {
        if (!lost.has(partition)) continue;
        work?.abort();
        known.delete(id);
      }
    },
  };
}
