/** What a client asked for, and what it learned. Places in the history are counted, so that "before" means before. */
export interface Operation {
  readonly client: string;
  /** What order is kept within: a material, a partition, a campaign. */
  readonly key: string;
  readonly question: Question;
  readonly asked: number;
  /** Undefined while nothing is known: it may have taken effect, or may yet. */
  readonly ended: number | undefined;
  readonly outcome: 'acknowledged' | 'failed' | 'unknown';
  /** Of a read that was answered. */
  readonly answer: Answer | undefined;
}

type Question =
  /** To make these take effect, in this order; a value names its content, so that the same one again is the same. */
  | { readonly kind: 'write'; readonly values: readonly string[] }
  /** What is in effect. */
  | { readonly kind: 'read' };

/** All that is in effect, in its order; or only how much it is. */
type Answer = { readonly values: readonly string[] } | { readonly count: number };

/** An operation under way; what is never said of it stays unknown. */
export interface AskedOperation {
  acknowledged(answer?: Answer): void;
  /** Nothing of it took effect, and nothing will. */
  failed(): void;
  /** No answer came, or one that leaves it open. */
  unknown(): void;
}

/** Notes what clients do, in the order in which it happens. */
export interface OperationHistory {
  ask(client: string, key: string, question: Question): AskedOperation;
  readonly operations: readonly Operation[];
}

export function createOperationHistory(): OperationHistory {
  const operations: Operation[] = [];
  let place = 0;
  return {
    operations,
    ask(client, key, question) {
      const i = operations.length;
      operations.push({
        client,
        key,
        question,
        asked: place++,
        ended: undefined,
        outcome: 'unknown',
        answer: undefined,
      });
      const end = (outcome: Operation['outcome'], answer?: Answer) => {
        const asked = operations[i]!;
        if (asked.ended !== undefined) throw new Error(`an operation of ${client} on ${key} has ended twice`);
        operations[i] = { ...asked, ended: place++, outcome, answer };
      };
      return {
        acknowledged: (answer) => end('acknowledged', answer),
        failed: () => end('failed'),
        unknown: () => end('unknown'),
      };
    },
  };
}
