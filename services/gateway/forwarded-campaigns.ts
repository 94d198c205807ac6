import { AppError } from '../../src/model/app-error.ts';
import type { Campaigns } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { stoppableStream } from '../../src/runtime/stoppable-stream.ts';

/**
 * Makes the nodes that decide on campaigns look like one: it skips nodes that cannot answer now.
 * @param nodes the live nodes; called for each request
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

/**
 * Watches a campaign. If a node dies during the stream, another one continues, beginning with the state at that time.
 */
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
    // It fails only if no node has sent anything: as long as nodes answer, some of them are alive.
    if (!answered) throw failure;
  }
}

/**
 * Returns the error if it is `unavailable`.
 * @throws any other error
 */
function unavailability(error: unknown): AppError {
  if (error instanceof AppError && error.code === 'unavailable') return error;
  throw error;
}

function noNode(): AppError {
  return new AppError('unavailable', 'no node that decides on campaigns answers; ask again', { retryable: true });
}
