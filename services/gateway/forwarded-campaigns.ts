import { AppError } from '../../src/model/app-error.ts';
import type { Campaigns } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { stoppableStream } from '../../src/runtime/stoppable-stream.ts';

/**
 * The nodes that decide on campaigns, as one: whoever cannot answer now is passed over.
 * @param nodes those that live, asked for at every call
 */
export function forwardCampaigns(nodes: () => Promise<readonly Campaigns[]>): Campaigns {
  async function forward<T>(call: (node: Campaigns) => Promise<T>): Promise<T> {
    let failure = noNode();
    for (const node of await nodes()) {
      try {
        return await call(node);
      } catch (error) {
        failure = unavailability(error);
      }
    }
    throw failure;
  }
  return {
    CreateCampaign: (request) => forward((node) => node.CreateCampaign(request)),
    PauseCampaign: (request) => forward((node) => node.PauseCampaign(request)),
    ResumeCampaign: (request) => forward((node) => node.ResumeCampaign(request)),
    CancelCampaign: (request) => forward((node) => node.CancelCampaign(request)),
    RaiseStopRule: (request) => forward((node) => node.RaiseStopRule(request)),
    WatchCampaign: (request) =>
      stoppableStream((signal) => watch(nodes, (node) => node.WatchCampaign(request), signal)),
  };
}

/** A node that dies in mid-stream is followed by another, which begins with the state as it is then. */
async function* watch<T>(
  nodes: () => Promise<readonly Campaigns[]>,
  call: (node: Campaigns) => AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  for (;;) {
    let answered = false;
    let failure = noNode();
    for (const node of await nodes()) {
      const messages = call(node)[Symbol.asyncIterator]();
      const stop = () => void messages.return?.().catch(() => {});
      signal.addEventListener('abort', stop);
      try {
        for (let next = await messages.next(); !next.done; next = await messages.next()) {
          answered = true;
          yield next.value;
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        failure = unavailability(error);
      } finally {
        signal.removeEventListener('abort', stop);
        stop();
      }
    }
    // Only who got nothing from any of them is told: as long as nodes answer, some of them live.
    if (!answered) throw failure;
  }
}

/** @throws the error where it is another */
function unavailability(error: unknown): AppError {
  if (error instanceof AppError && error.code === 'unavailable') return error;
  throw error;
}

function noNode(): AppError {
  return new AppError('unavailable', 'no node that decides on campaigns answers; ask again', { retryable: true });
}
