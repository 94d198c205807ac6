import { AppError } from '../model/app-error.ts';
import { stopped } from './service.ts';

/** How far each partition of a topic has been read. Callers can wait until an offset is reached. */
export interface Positions {
  /** Per partition, the offset of the next event; -1 if the partition is not read here. */
  readonly offsets: readonly number[];
  set(partition: number, offset: number): void;
  /**
   * Resolves when these partitions have been read up to these offsets.
   * @throws AppError `interrupted` on `close`, `unavailable` (retryable) if one of them is not, or no longer, read here
   */
  reached(offsets: readonly number[], partitions?: readonly number[]): Promise<void>;
  /** Ends every wait. */
  close(): void;
}

export function createPositions(partitions: number, first: number): Positions {
  const offsets = new Array<number>(partitions).fill(first);
  const waiting = new Set<() => void>();
  let closed = false;
  return {
    offsets,
    set(partition, offset) {
      offsets[partition] = offset;
      for (const check of [...waiting]) check();
    },
    reached(wanted, where = [...wanted.keys()]) {
      return new Promise((resolve, reject) => {
        const check = () => {
          const isReached = where.every((partition) => offsets[partition]! >= (wanted[partition] ?? 0));
          const elsewhere = where.find((partition) => offsets[partition]! < 0);
          if (!isReached && !closed && elsewhere === undefined) return;
          waiting.delete(check);
          if (isReached) resolve();
          else reject(closed ? stopped() : notHere(elsewhere));
        };
        waiting.add(check);
        check();
      });
    },
    close() {
      closed = true;
      for (const check of [...waiting]) check();
    },
  };
}

/** The partitions that are read here, ascending. */
export function heldPartitions({ offsets }: Pick<Positions, 'offsets'>): number[] {
  return [...offsets.keys()].filter((partition) => offsets[partition]! >= 0);
}

function notHere(partition: number | undefined): AppError {
  return new AppError('unavailable', `partition ${partition} is not held here; ask again`, { retryable: true });
}
