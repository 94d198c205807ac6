import { AppError } from '../../model/app-error.ts';
import type { MaterialSource, SourceItem } from '../../ports/material-source.ts';
import type { Gateway, SubmitReply, SubmitRequest } from '../../protocol/generated/elastream/v1/services.generated.ts';
import { toOutcomeMessage } from '../../protocol/label-message.ts';
import { toMaterialMessage } from '../../protocol/material-message.ts';

/*
 * Invariants:
 * 1. A source counts as submitted once its completion is answered: everything of it is in the log.
 * 2. At most `unacknowledgedMax` items are sent and not answered, whatever the transport buffers.
 */

/** As ingesting into a log of one's own tells it: what was refused on either side is `rejected`. */
export interface SubmittedTally {
  materials: number;
  labels: number;
  rejected: number;
}

export interface SubmitOptions {
  readonly gateway: Pick<Gateway, 'Submit'>;
  /** Where the source's labels belong. */
  readonly labelSet: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (tally: SubmittedTally) => void;
  /** 4096 unless told. */
  readonly unacknowledgedMax?: number;
  /** Runs it again where its error is retryable, as often as the caller's policy allows. */
  readonly retrying: <T>(action: () => Promise<T>) => Promise<T>;
}

const UNACKNOWLEDGED_MAX = 4096;
const ANSWERS_PER_PROGRESS = 256;
/** Numbers name the items. */
const COMPLETION = 'completed';
const BARE = { material: undefined, labels: [], rejection: undefined, sourceCompleted: false } as const;

/** Brings a source into the log of a cluster, whole; broken off, all of it again: the log sees the same events. */
export function submitSource(source: MaterialSource, options: SubmitOptions): Promise<SubmittedTally> {
  return options.retrying(() => submitOnce(source, options));
}

async function submitOnce(source: MaterialSource, options: SubmitOptions): Promise<SubmittedTally> {
  const { gateway, signal, onProgress } = options;
  const tally: SubmittedTally = { materials: 0, labels: 0, rejected: 0 };
  const sending = createSending(source, options);
  const replies = gateway.Submit(sending.requests())[Symbol.asyncIterator]();
  const stop = () => {
    sending.stop();
    // Not awaited: it may come to an end only together with the connection.
    replies.return?.().catch(() => {});
  };
  signal?.addEventListener('abort', stop);
  let answers = 0;
  try {
    for (let next = await replies.next(); !next.done; next = await replies.next()) {
      const { clientId, refusal } = next.value;
      if (clientId === COMPLETION) {
        if (refusal) throw new AppError('invalid_argument', `${source.id} is refused: ${refusal.message}`);
        onProgress?.({ ...tally });
        return tally; // 1
      }
      const item = sending.answered(clientId);
      if (item) count(tally, item, refusal);
      if (++answers % ANSWERS_PER_PROGRESS === 0) onProgress?.({ ...tally });
    }
  } catch (error) {
    throw sending.failure()?.error ?? error;
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
  signal?.throwIfAborted();
  const ended = new AppError('unavailable', 'the gateway ended the submission; begin it again', { retryable: true });
  throw sending.failure()?.error ?? ended;
}

/** The items of a source on their way. */
interface Sending {
  requests(): AsyncGenerator<SubmitRequest, void>;
  /** @returns the item that this was the name of */
  answered(clientId: string): SourceItem | undefined;
  /** What the source failed with: a transport may wrap it beyond recognition. */
  failure(): { readonly error: unknown } | undefined;
  stop(): void;
}

function createSending(source: MaterialSource, options: SubmitOptions): Sending {
  const { labelSet, signal, unacknowledgedMax = UNACKNOWLEDGED_MAX } = options;
  const sent = new Map<string, SourceItem>();
  let failure: { readonly error: unknown } | undefined;
  let stopped = false;
  let wake = () => {};
  return {
    async *requests() {
      let items = 0;
      try {
        for await (const item of source.read(signal)) {
          while (sent.size >= unacknowledgedMax && !stopped) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            }); // 2
          }
          if (stopped) return;
          const clientId = `${++items}`;
          sent.set(clientId, item);
          yield { ...BARE, ...contentOf(item, labelSet), clientId, source: source.id };
        }
        yield { ...BARE, clientId: COMPLETION, source: source.id, sourceCompleted: true };
      } catch (error) {
        failure = { error };
        throw error;
      }
    },
    answered(clientId) {
      const item = sent.get(clientId);
      sent.delete(clientId);
      wake();
      return item;
    },
    failure: () => failure,
    stop() {
      stopped = true;
      wake();
    },
  };
}

function contentOf(item: SourceItem, labelSet: string): Partial<SubmitRequest> {
  if (item.kind === 'rejection') return { rejection: item.rejection };
  const { material, label } = item;
  const labels = label === undefined ? [] : [{ ...toOutcomeMessage(label), provenance: label.provenance, labelSet }];
  return { material: toMaterialMessage(material), labels };
}

function count(tally: SubmittedTally, item: SourceItem, refusal: SubmitReply['refusal']): void {
  if (item.kind === 'rejection' || refusal) tally.rejected++;
  else {
    tally.materials++;
    if (item.label) tally.labels++;
  }
}
