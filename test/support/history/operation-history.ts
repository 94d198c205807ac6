/** A client's request and its outcome. Places in the history are numbered, so that "before" is exact. */
export interface Operation {
  readonly client: string;
  /** The scope of the order: a material, a partition, a campaign. */
  readonly key: string;
  readonly question: Question;
  readonly asked: number;
  /** Undefined while the outcome is open: the operation may have taken effect, or may do so later. */
  readonly ended: number | undefined;
  readonly outcome: 'acknowledged' | 'failed' | 'unknown';
  /** Present for an answered read. */
  readonly answer: Answer | undefined;
}

type Question =
  /** Puts these values into effect, in this order. A value names its content, so the same content is the same value. */
  | { readonly kind: 'write'; readonly values: readonly string[] }
  /** Asks which values are in effect. */
  | { readonly kind: 'read' };

/** All values in effect, in order, or only their number. */
type Answer = { readonly values: readonly string[] } | { readonly count: number };

/** A running operation; if none of the methods is called, its outcome stays unknown. */
export interface AskedOperation {
  acknowledged(answer?: Answer): void;
  /** Nothing of it took effect, and nothing will. */
  failed(): void;
  /** There was no answer, or the answer left the outcome open. */
  unknown(): void;
}

/** Records the operations of clients in the order in which they happen. */
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
