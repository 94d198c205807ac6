import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../../src/model/app-error.ts';
import type { Material } from '../../../../src/model/material.ts';
import { materialHash } from '../../../../src/model/material-hash.ts';
import type { Gateway, SubmitRequest } from '../../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { toMaterialMessage } from '../../../../src/protocol/material-message.ts';
import type { AskedOperation, OperationHistory } from '../../history/operation-history.ts';
import { bareItem } from '../../submitted-items.ts';

/** The source of everything that it submits. */
export const SUBMISSIONS = 'submissions';
const CLIENT = 'submitting';
const EVERY_MS = 250;
/** Longer than the time between two items, so the outcome of a broken stream is known by then. */
const AGAIN_MS = 500;

/** Streams materials to a gateway during faults, and sends unacknowledged ones again. */
export interface SubmittingClient {
  readonly acknowledged: ReadonlySet<Material>;
  /** How many times its stream broke. */
  readonly breaks: number;
  /** Submits no further material; resolves when all submitted ones are acknowledged. */
  finish(): Promise<void>;
  /** Stops at once, if nobody answers any more. */
  abandon(): void;
}

/** @param history records each item: its key is the material, its value the hash of the version */
export function startSubmitting(
  gateway: Pick<Gateway, 'Submit'>,
  materials: readonly Material[],
  history: OperationHistory,
): SubmittingClient {
  const acknowledged = new Set<Material>();
  const unanswered = new Map<string, Material>();
  const finishing = new AbortController();
  let begun = 0;
  let breaks = 0;

  async function* requests(asked: Map<string, AskedOperation>): AsyncGenerator<SubmitRequest> {
    const request = (material: Material) => {
      const { id } = material;
      asked.set(id, history.ask(CLIENT, id, { kind: 'write', values: [materialHash(material)] }));
      return bareItem(id, { source: SUBMISSIONS, material: toMaterialMessage(material) });
    };
    for (const material of [...unanswered.values()]) yield request(material);
    while (!finishing.signal.aborted && begun < materials.length) {
      const material = materials[begun++]!;
      unanswered.set(material.id, material);
      yield request(material);
      await sleep(EVERY_MS, undefined, { signal: finishing.signal }).catch(() => {});
    }
  }

  /** Submits through one stream until it ends or breaks. */
  async function submit(): Promise<void> {
    const asked = new Map<string, AskedOperation>();
    try {
      for await (const { clientId, refusal } of gateway.Submit(requests(asked))) {
        const operation = asked.get(clientId);
        asked.delete(clientId);
        if (refusal) {
          operation?.failed();
          throw new Error(`${clientId} is refused: ${refusal.message}`);
        }
        operation?.acknowledged();
        acknowledged.add(unanswered.get(clientId)!);
        unanswered.delete(clientId);
      }
    } finally {
      for (const operation of asked.values()) operation.unknown();
    }
  }

  async function submitAll(): Promise<void> {
    while (unanswered.size > 0 || (!finishing.signal.aborted && begun < materials.length)) {
      try {
        await submit();
      } catch (error) {
        if (!(error instanceof AppError && error.retryable)) throw error;
        breaks++;
        await sleep(AGAIN_MS);
      }
    }
  }

  const submitted = submitAll();
  submitted.catch(() => {});
  return {
    acknowledged,
    get breaks() {
      return breaks;
    },
    finish() {
      finishing.abort();
      return submitted;
    },
    abandon: () => finishing.abort(),
  };
}
