import type { ContentHash } from '../../src/model/content-hash.ts';
import { materialHash } from '../../src/model/material-hash.ts';
import type { MaterialId } from '../../src/model/material-id.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import type { Topics } from '../../src/model/topics.ts';
import type {
  Gateway,
  SubmitReply,
  SubmitRequest,
} from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import type { Publication, Publisher } from '../../src/runtime/publisher.ts';
import { createSourceTally, inputRejected, materialEvents, type SourceTally } from '../../src/runtime/source-events.ts';
import { stoppableStream } from '../../src/runtime/stoppable-stream.ts';
import { createIntake } from './intake.ts';
import { refusedItem, type SubmittedItem, submittedItem } from './submitted-item.ts';

/*
 * Invariants:
 * 1. An item is answered only after all that it became is in the log. So a stream that breaks loses nothing that was
 *    answered; what was not is submitted again, and its events have the same ids.
 * 2. A source's watermarks are appended after everything that came before its completion in this stream.
 * 3. Memory grows with nothing but a hash for each material of a source that is not complete.
 */

export interface SubmissionParts {
  readonly topics: Topics;
  readonly publisher: Publisher;
  /** Items pulled from a stream and not answered yet. */
  readonly unacknowledgedMax: number;
}

/** Of a source, as this stream has brought it. */
interface BroughtSource {
  readonly tally: SourceTally;
  readonly hashes: Map<MaterialId, ContentHash>;
}

interface Accepted {
  readonly publications: readonly Publication[];
  readonly refusal?: SubmitReply['refusal'];
}

export function createSubmission({ topics, publisher, unacknowledgedMax }: SubmissionParts): Gateway['Submit'] {
  return (requests) =>
    stoppableStream(async function* (signal) {
      const intake = createIntake(requests, unacknowledgedMax);
      signal.addEventListener('abort', () => intake.close());
      const sources = createSubmittedSources(topics);
      try {
        while (!signal.aborted) {
          // All that has arrived while the last append was under way goes together: appends cost, not events.
          const batch = await intake.take(({ sourceCompleted }) => sourceCompleted);
          if (batch.length === 0) return;
          const accepted = batch.map((request) => sources.accept(request));
          await publisher.publish(accepted.flatMap(({ publications }) => publications));
          await publisher.publish(sources.watermarks()); // 2
          for (const [i, { clientId }] of batch.entries()) {
            yield { clientId, refusal: accepted[i]!.refusal }; // 1
            intake.release(1);
          }
        }
      } finally {
        intake.close();
      }
    });
}

interface SubmittedSources {
  accept(request: SubmitRequest): Accepted;
  /** Of the sources that have been completed since the last call. */
  watermarks(): readonly Publication[];
}

function createSubmittedSources(topics: Topics): SubmittedSources {
  const open = new Map<string, BroughtSource>();
  /** Completed a second time with nothing in between, a source is not empty. */
  const completed = new Set<string>();
  let watermarks: Publication[] = [];

  function broughtBy(source: string): BroughtSource {
    const brought = open.get(source) ?? { tally: createSourceTally(topics), hashes: new Map() };
    open.set(source, brought);
    return brought;
  }

  function acceptMaterial(source: string, { material, labels }: SubmittedItem & { kind: 'material' }): Publication[] {
    const { id } = material;
    const hash = materialHash(material);
    const { tally, hashes } = broughtBy(source);
    const known = hashes.get(id);
    if (known !== undefined && known !== hash) {
      const remedy = 'and the first is kept; give this one an id of its own';
      throw new RejectedInput('duplicate_id', `${id} came before in ${source} with another structure, ${remedy}`);
    }
    const events = materialEvents(source, material, hash, labels);
    if (known === undefined) {
      hashes.set(id, hash);
      tally.add(id, hash);
    }
    return events.map((event) => ({ event }));
  }

  function complete(source: string): void {
    if (completed.has(source) && !open.has(source)) return;
    watermarks.push(...broughtBy(source).tally.watermarks(source));
    open.delete(source); // 3
    completed.add(source);
  }

  return {
    accept(request) {
      const { source } = request;
      try {
        const item = submittedItem(request);
        if (item.kind === 'material') return { publications: acceptMaterial(source, item) };
        if (item.kind === 'rejection') return { publications: [{ event: inputRejected(source, item.rejection) }] };
        complete(source);
        return { publications: [] };
      } catch (error) {
        if (!(error instanceof RejectedInput)) throw error;
        const rejection = refusedItem(request, error);
        const { code, message } = rejection;
        return { publications: [{ event: inputRejected(rejection.source, rejection) }], refusal: { code, message } };
      }
    },
    watermarks() {
      const taken = watermarks;
      watermarks = [];
      return taken;
    },
  };
}
