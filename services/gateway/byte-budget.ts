/** Bytes that are held in memory at a time, by all who share the budget. */
export interface ByteBudget {
  take(bytes: number): void;
  give(bytes: number): void;
  /** Resolves where less is held than may be. */
  room(): Promise<void>;
}

export interface BudgetWatch {
  /** How much is held now. */
  held(bytes: number): void;
  /** Somebody has to wait. */
  full(): void;
}

/**
 * What comes is weighed when it is there, so each who shares the budget may overdraw it by one item: somebody who has
 * room and waits for an item to come must not keep the others waiting.
 */
export function createByteBudget(bytesMax: number, watch: BudgetWatch): ByteBudget {
  const waiting: (() => void)[] = [];
  let held = 0;
  return {
    take(bytes) {
      held += bytes;
      watch.held(held);
    },
    give(bytes) {
      held -= bytes;
      watch.held(held);
      if (held >= bytesMax) return;
      for (const goOn of waiting.splice(0)) goOn();
    },
    async room() {
      if (held < bytesMax) return;
      watch.full();
      while (held >= bytesMax) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
