import { setTimeout as sleep } from 'node:timers/promises';
import { connectCluster } from '../../../../src/cli/cluster/connect-cluster.ts';
import { AppError } from '../../../../src/model/app-error.ts';
import type { Material } from '../../../../src/model/material.ts';
import type { SubmitRequest } from '../../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { toMaterialMessage } from '../../../../src/protocol/material-message.ts';
import { bareItem } from '../../submitted-items.ts';

/** The source of all that it submits. */
export const SUBMISSIONS = 'submissions';
const EVERY_MS = 250;
const AGAIN_MS = 500;

/** Streams materials to a gateway while faults strike, and sends again what was not acknowledged. */
export interface SubmittingClient {
  readonly acknowledged: ReadonlySet<Material>;
  /** How often its stream broke. */
  readonly breaks: number;
  /** Begins with no further material; resolves when all that it began with are acknowledged. */
  finish(): Promise<void>;
  /** Where nobody answers any more. */
  abandon(): void;
}

export function startSubmitting(gatewayUrl: string, materials: readonly Material[]): SubmittingClient {
  const { gateway, close } = connectCluster(gatewayUrl);
  const acknowledged = new Set<Material>();
  const unanswered = new Map<string, Material>();
  const finishing = new AbortController();
  let begun = 0;
  let breaks = 0;

  const request = (clientId: string, material: Material) =>
    bareItem(clientId, { source: SUBMISSIONS, material: toMaterialMessage(material) });

  async function* requests(): AsyncGenerator<SubmitRequest> {
    for (const [clientId, material] of [...unanswered]) yield request(clientId, material);
    while (!finishing.signal.aborted && begun < materials.length) {
      const material = materials[begun++]!;
      unanswered.set(material.id, material);
      yield request(material.id, material);
      await sleep(EVERY_MS, undefined, { signal: finishing.signal }).catch(() => {});
    }
  }

  async function submitAll(): Promise<void> {
    while (unanswered.size > 0 || (!finishing.signal.aborted && begun < materials.length)) {
      try {
        for await (const { clientId, refusal } of gateway.Submit(requests())) {
          if (refusal) throw new Error(`${clientId} is refused: ${refusal.message}`);
          acknowledged.add(unanswered.get(clientId)!);
          unanswered.delete(clientId);
        }
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
    async finish() {
      finishing.abort();
      await submitted.finally(close);
    },
    abandon() {
      finishing.abort();
      void close();
    },
  };
}
