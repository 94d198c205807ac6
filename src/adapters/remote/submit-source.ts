import { AppError } from '../../model/app-error.ts';
import type { MaterialSource, SourceItem, SourceLabel } from '../../ports/material-source.ts';
import type {
  Gateway,
  SubmitReply,
  SubmitRequest,
  SubmittedLabel,
} from '../../protocol/generated/elastream/v1/services.generated.ts';
import { toOutcomeMessage } from '../../protocol/label-message.ts';
import { toMaterialMessage } from '../../protocol/material-message.ts';

/*
 * Invariants:
 * 1. A source counts as submitted only when its completion is answered: then all of it is in the log.
 * 2. At most `unacknowledgedMax` items are sent and not answered, whatever the transport buffers.
 */

/** The same tally as when ingesting into a local log. `rejected` counts the refusals of both sides. */
export interface SubmittedTally {
  materials: number;
  labels: number;
  rejected: number;
}

export interface SubmitOptions {
  readonly gateway: Pick<Gateway, 'Submit'>;
  /** Label set of the source's labels. */
  readonly labelSet: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (tally: SubmittedTally) => void;
  /** Submits what the source gives now, and does not complete it: more may follow. */
  readonly isOpen?: boolean;
  /** Default: 4096. */
  readonly unacknowledgedMax?: number;
  /** Retries the submission if its error is retryable, as often as the caller's policy allows. */
  readonly retrying: <T>(action: () => Promise<T>) => Promise<T>;
}

const UNACKNOWLEDGED_MAX = 4096;
const ANSWERS_PER_PROGRESS = 256;
/** Client id of the completion. The items have numbers as client ids. */
const COMPLETION = 'completed';
const BARE = { material: undefined, labels: [], rejection: undefined, sourceCompleted: false } as const;

/**
 * Submits a whole source to a cluster's log. After an interruption it submits all of it again; the log gets the same
 * events.
 */
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
    // Not awaited: the return may complete only when the connection ends.
    replies.return?.().catch(() => {});
  };
  signal?.addEventListener('abort', stop);
  let answers = 0;
  try {
    for (let next = await replies.next(); !next.done; next = await replies.next()) {
      const { clientId, refusal, labelRefusal } = next.value;
      if (clientId === COMPLETION) {
        if (refusal) throw new AppError('invalid_argument', `${source.id} is refused: ${refusal.message}`);
        onProgress?.({ ...tally });
        return tally; // 1
      }
      const item = sending.answered(clientId);
      if (item) count(tally, item, refusal ?? labelRefusal, refusal === undefined);
      if (++answers % ANSWERS_PER_PROGRESS === 0) onProgress?.({ ...tally });
    }
  } catch (error) {
    throw sending.failure()?.error ?? error;
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
  if (options.isOpen && sending.isDone()) return tally;
  signal?.throwIfAborted();
  const ended = new AppError('unavailable', 'the gateway ended the submission; begin it again', { retryable: true });
  throw sending.failure()?.error ?? ended;
}

/** The items of a source that are being sent. */
interface Sending {
  requests(): AsyncGenerator<SubmitRequest, void>;
  /** @returns the item with this client id */
  answered(clientId: string): SourceItem | undefined;
  /** The source's own error. A transport may wrap it so that it cannot be recognized. */
  failure(): { readonly error: unknown } | undefined;
  /** Whether all of an open source's items are answered. */
  isDone(): boolean;
  stop(): void;
}

function createSending(source: MaterialSource, options: SubmitOptions): Sending {
  const { labelSet, signal, isOpen = false, unacknowledgedMax = UNACKNOWLEDGED_MAX } = options;
  const sent = new Map<string, SourceItem>();
  let failure: { readonly error: unknown } | undefined;
  let stopped = false;
  let isAllSent = false;
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
        isAllSent = true;
        if (isOpen) return;
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
    isDone: () => isAllSent && sent.size === 0,
    stop() {
      stopped = true;
      wake();
    },
  };
}

function submittedLabel(label: SourceLabel, labelSet: string): SubmittedLabel {
  const { provenance, deformationsHash } = label;
  return { ...toOutcomeMessage(label), provenance, labelSet, ...(deformationsHash && { deformationsHash }) };
}

function contentOf(item: SourceItem, labelSet: string): Partial<SubmitRequest> {
  if (item.kind === 'rejection') return { rejection: item.rejection };
  const { material, label } = item;
  const labels = label === undefined ? [] : [submittedLabel(label, labelSet)];
  return { material: toMaterialMessage(material), labels };
}

/**
 * @param refusal of the item or its label
 * @param kept whether the item's material is in the log
 */
function count(tally: SubmittedTally, item: SourceItem, refusal: SubmitReply['refusal'], kept: boolean): void {
  if (item.kind === 'rejection' || refusal) tally.rejected++;
  if (item.kind === 'rejection' || !kept) return;
  tally.materials++;
  if (item.label && !refusal) tally.labels++;
}
