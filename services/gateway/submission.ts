import { sourceCompleteText } from '../../src/learning/late-data.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import { materialHash } from '../../src/model/material-hash.ts';
import type { MaterialId } from '../../src/model/material-id.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import type { Topics } from '../../src/model/topics.ts';
import { routeOf } from '../../src/protocol/event-routes.ts';
import type {
  Gateway,
  SubmitReply,
  SubmitRequest,
} from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import type { Publication, Publisher } from '../../src/runtime/publisher.ts';
import { createSourceTally, inputRejected, materialEvents, type SourceTally } from '../../src/runtime/source-events.ts';
import { stoppableStream } from '../../src/runtime/stoppable-stream.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { ClosedSources, SourceContent } from './closed-sources.ts';
import { createIntake } from './intake.ts';
import { itemBytes, refusedItem, type SubmittedItem, submittedItem } from './submitted-item.ts';

/*
 * Invariants:
 * 1. An item is answered only after all that it became is in the log. So a stream that breaks loses nothing that was
 *    answered; what was not is submitted again, and its events have the same ids.
 * 2. A source's watermarks are appended after everything that came before its completion in this stream.
 * 3. Memory grows with nothing but a hash for each material of a source that is not complete, and the ids of what a
 *    complete source holds while it is submitted again.
 * 4. What a complete source does not hold is refused where this process knows of the completion. What it holds is
 *    answered, and not appended; but its watermarks are, since the one that completed it may not have come to the end.
 */

export interface SubmissionParts {
  readonly topics: Topics;
  readonly publisher: Publisher;
  readonly closed: ClosedSources;
  readonly bounds: SubmissionBounds;
}

/** Of what has been pulled and not answered yet. */
export interface SubmissionBounds {
  /** Items of one stream. */
  readonly itemsMax: number;
  /** Bytes of one stream, and of all together. */
  readonly streamBytesMax: number;
  readonly budget: ByteBudget;
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

export function createSubmission(parts: SubmissionParts): Gateway['Submit'] {
  const { topics, publisher, closed } = parts;
  const { itemsMax: openMax, streamBytesMax: bytesMax, budget } = parts.bounds;
  return (requests) =>
    stoppableStream(async function* (signal) {
      const intake = createIntake(requests, { openMax, bytesMax, budget, bytesOf: itemBytes });
      signal.addEventListener('abort', () => intake.close());
      const sources = createSubmittedSources(topics, closed);
      try {
        while (!signal.aborted) {
          // All that has arrived while the last append was under way goes together: appends cost, not events.
          const batch = await intake.take(({ sourceCompleted }) => sourceCompleted);
          if (batch.length === 0) return;
          await sources.lookUp(batch);
          const accepted = batch.map((request) => sources.accept(request));
          await publisher.publish(accepted.flatMap(({ publications }) => publications));
          const { watermarks, completed } = sources.ended();
          await publisher.publish(watermarks); // 2
          for (const source of completed) closed.note(source);
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
  /** Finds out which sources of these are complete: to be called before they are accepted. */
  lookUp(requests: readonly SubmitRequest[]): Promise<void>;
  accept(request: SubmitRequest): Accepted;
  /** The sources that have been completed since the last call, and their watermarks. */
  ended(): { readonly completed: readonly string[]; readonly watermarks: readonly Publication[] };
}

function createSubmittedSources(topics: Topics, closed: ClosedSources): SubmittedSources {
  const open = new Map<string, BroughtSource>();
  /** Completed a second time with nothing in between, a source is not empty. */
  const completed = new Set<string>();
  /** What complete sources hold; undefined for those that were open when they were looked up. */
  const contents = new Map<string, SourceContent | undefined>();
  let watermarks: Publication[] = [];
  let justCompleted: string[] = [];

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
    const content = contents.get(source);
    const isNew = (event: (typeof events)[number]) => !content?.has(routeOf(event, topics).id);
    if (content !== undefined && events.some(isNew))
      throw new RejectedInput('source_complete', sourceCompleteText(source, id)); // 4
    if (known === undefined) {
      hashes.set(id, hash);
      tally.add(id, hash);
    }
    return content === undefined ? events.map((event) => ({ event })) : [];
  }

  function complete(source: string): void {
    if (completed.has(source) && !open.has(source)) return;
    watermarks.push(...broughtBy(source).tally.watermarks(source));
    open.delete(source); // 3
    completed.add(source);
    contents.delete(source);
    justCompleted.push(source);
  }

  return {
    async lookUp(requests) {
      const named = new Set(requests.filter(({ material }) => material).map(({ source }) => source));
      for (const source of named) {
        const isKnown = contents.has(source) && (contents.get(source) !== undefined || !closed.isNoted(source));
        if (!isKnown) contents.set(source, await closed.content(source));
      }
    },
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
    ended() {
      const taken = { completed: justCompleted, watermarks };
      [justCompleted, watermarks] = [[], []];
      return taken;
    },
  };
}
