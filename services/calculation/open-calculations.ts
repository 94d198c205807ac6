import type { ContentHash } from '../../src/model/content-hash.ts';
import type { CalculationRequested } from '../../src/model/events.ts';
import { type RetryClass, retryClassOf } from '../../src/model/execution.ts';
import type { TopicPartition } from '../../src/ports/event-log.ts';
import type { Received } from '../../src/runtime/decode-records.ts';

/** A calculation according to the log, and its run in this process. */
export interface Calculation {
  readonly partition: number;
  /** The latest request. */
  request: CalculationRequested;
  /** Of the first request: its trace goes on with the calculation, whoever runs it. */
  readonly traceparent: string | undefined;
  attemptsFailed: number;
  /** Why the last attempt failed. */
  reason: string;
  /** What each failed attempt said of another one. */
  retries: RetryClass[];
  done: boolean;
  /** No attempt is made until it is requested again. */
  isHalted: boolean;
  work?: AbortController;
}

/** The open calculations. They follow from the log alone: requested, and neither abandoned nor with a result. */
export interface OpenCalculations {
  note(received: Pick<Received, 'event' | 'partition' | 'traceparent'>): void;
  get(id: ContentHash): Calculation | undefined;
  all(): Iterable<Calculation>;
  /**
   * Stops the runs of partitions that another node takes over, and forgets these calculations: the next owner reads
   * them again.
   */
  release(partitions: readonly TopicPartition[]): void;
}

export function createOpenCalculations(): OpenCalculations {
  const known = new Map<ContentHash, Calculation>();
  return {
    get: (id) => known.get(id),
    all: () => known.values(),
    note({ event, partition, traceparent }) {
      if (event.type === 'CalculationRequested') {
        const calculation = known.get(event.calculationId);
        if (calculation === undefined) {
          const fresh = { attemptsFailed: 0, reason: '', retries: [], done: false, isHalted: false };
          known.set(event.calculationId, { partition, request: event, traceparent, ...fresh });
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
          calculation.retries.push(retryClassOf(event.retry));
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
