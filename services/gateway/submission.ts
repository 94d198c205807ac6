import { sourceCompleteText } from '../../src/learning/data/late-data.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import { materialHash } from '../../src/model/material-hash.ts';
import type { MaterialId } from '../../src/model/material-id.ts';
import { RejectedInput, type Rejection } from '../../src/model/rejection.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { routeOf } from '../../src/protocol/event-routes.ts';
import type { Gateway, SubmitReply } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import type { Publication, Publisher } from '../../src/runtime/publisher.ts';
import { createSourceTally, inputRejected, materialEvents, type SourceTally } from '../../src/runtime/source-events.ts';
import { stoppableStream } from '../../src/runtime/stoppable-stream.ts';
import { createAnswerQueue } from './answer-queue.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { ClosedSources } from './closed-sources.ts';
import { createIntake, type Intake } from './intake.ts';
import type { SourceContent } from './source-content.ts';
import { type ArrivedItem, arrivedItem, refusedItem, type SubmittedItem } from './submitted-item.ts';

/*
 * Invariants:
 * 1. An item is answered only after all its events are in the log. So a broken stream loses nothing that was answered.
 *    The client submits the rest again, and its events get the same ids.
 * 2. A source's watermarks are appended after everything that came before its completion in this stream.
 * 3. Only two things make memory grow: a hash for each material of an incomplete source, and the names of the sources,
 *    whose number per stream is limited.
 * 4. An item that a complete source does not hold is refused, if this process knows of the completion. An item that it
 *    holds is answered and not appended. The source's watermarks are appended again, since the client that completed it
 *    may not have reached the end.
 */

export interface SubmissionParts {
  readonly topics: Topics;
  readonly publisher: Publisher;
  readonly closed: ClosedSources;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly bounds: SubmissionBounds;
}

interface SubmissionBounds {
  /** Number of items of one stream that are pulled and whose answers are not read yet. */
  readonly itemsMax: number;
  /** Bytes that are not in the log yet: of one stream, and of all streams together. */
  readonly streamBytesMax: number;
  readonly budget: ByteBudget;
}

/** What this stream has brought of a source. */
interface BroughtSource {
  readonly tally: SourceTally;
  readonly hashes: Map<MaterialId, ContentHash>;
}

interface Accepted {
  readonly publications: readonly Publication[];
  readonly refusal?: SubmitReply['refusal'];
  /** The first label that is left out of an item that is kept. */
  readonly labelRefusal?: Rejection | undefined;
}

/** Number of sources of one stream. Each is looked up and kept until the stream ends. */
const SOURCES_MAX = 1000;

export function createSubmission(parts: SubmissionParts): Gateway['Submit'] {
  const { topics, publisher, closed, clock } = parts;
  const { itemsMax: openMax, streamBytesMax: bytesMax, budget } = parts.bounds;

  /** Appends the arriving items to the log and passes on the answers. */
  async function work(intake: Intake<ArrivedItem>, answer: (replies: readonly SubmitReply[]) => void): Promise<void> {
    const sources = createSubmittedSources(topics, closed);
    try {
      for (;;) {
        // Items that arrived during the last append go together: the cost is per append, not per event.
        const batch = await intake.take(({ content }) => content.kind === 'completed');
        if (batch.length === 0) return;
        await sources.lookUp(batch);
        const accepted = batch.map((item) => sources.accept(item));
        await publisher.publish(accepted.flatMap(({ publications }) => publications));
        const { watermarks, completed } = sources.ended();
        await publisher.publish(watermarks); // 2
        for (const source of completed) closed.note(source);
        intake.done();
        answer(batch.map(({ clientId }, i) => replyTo(clientId, accepted[i]!))); // 1
      }
    } finally {
      intake.done();
    }
  }

  return (requests) =>
    stoppableStream(async function* (signal) {
      const intake = createIntake(requests, { openMax, bytesMax, budget, clock, admit: arrivedItem });
      const answers = createAnswerQueue<SubmitReply>();
      signal.addEventListener('abort', () => intake.close());
      // The work goes on beside the reading of answers, so a client that does not read them blocks only its own
      // answers.
      work(intake, answers.put).then(
        () => answers.end(),
        (error: unknown) => answers.end({ error }),
      );
      try {
        for await (const answer of answers.read(signal)) {
          yield answer;
          intake.release(1);
        }
      } finally {
        intake.close();
      }
    });
}

interface SubmittedSources {
  /** Finds out which sources of these items are complete. Call it before `accept`. */
  lookUp(items: readonly ArrivedItem[]): Promise<void>;
  accept(item: ArrivedItem): Accepted;
  /** Returns the sources completed since the last call, and their watermarks. */
  ended(): { readonly completed: readonly string[]; readonly watermarks: readonly Publication[] };
}

function createSubmittedSources(topics: Topics, closed: ClosedSources): SubmittedSources {
  const open = new Map<string, BroughtSource>();
  /** All sources that this stream has brought items of. */
  const met = new Set<string>();
  /** A source that is completed a second time with nothing in between must not look empty. */
  const completed = new Set<string>();
  /** Content of complete sources; undefined for sources that were open when they were looked up. */
  const contents = new Map<string, SourceContent | undefined>();
  let watermarks: Publication[] = [];
  let justCompleted: string[] = [];

  function broughtBy(source: string): BroughtSource {
    const brought = open.get(source) ?? { tally: createSourceTally(topics), hashes: new Map() };
    open.set(source, brought);
    return brought;
  }

  function acceptMaterial(source: string, { material, labels }: SubmittedItem & { kind: 'material' }): Accepted {
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
    const [labelRefusal] = events.flatMap((event) => (event.type === 'InputRejected' ? [event.rejection] : []));
    // A rejection is no content: a source may have ended before the gate had that reason.
    const isNew = (event: (typeof events)[number]) =>
      event.type !== 'InputRejected' && !content?.has(routeOf(event, topics));
    if (content !== undefined && events.some(isNew))
      throw new RejectedInput('source_complete', sourceCompleteText(source, id)); // 4
    if (known === undefined) {
      hashes.set(id, hash);
      tally.add(id, hash);
    }
    return { publications: content === undefined ? events.map((event) => ({ event })) : [], labelRefusal };
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
    async lookUp(items) {
      for (const { source, content } of items) if (bringsTo(content) && met.size < SOURCES_MAX) met.add(source);
      const isKnown = (source: string) =>
        contents.has(source) && (contents.get(source) !== undefined || !closed.isNoted(source));
      const named = new Set(items.filter(({ content }) => content.kind === 'material').map(({ source }) => source));
      const unknown = [...named].filter((source) => met.has(source) && !isKnown(source));
      if (unknown.length === 0) return;
      await closed.readOn();
      for (const source of unknown) {
        contents.set(source, closed.isNoted(source) ? await closed.content(source) : undefined);
      }
    },
    accept({ clientId, source, content }) {
      if (content.kind === 'refused') return refusedAs(content.rejection);
      const materialId = content.kind === 'material' ? content.material.id : '';
      try {
        if (bringsTo(content) && !met.has(source)) throw tooManySources();
        if (content.kind === 'material') return acceptMaterial(source, content);
        if (content.kind === 'rejection')
          return { publications: [{ event: inputRejected(source, content.rejection) }] };
        complete(source);
        return { publications: [] };
      } catch (error) {
        if (!(error instanceof RejectedInput)) throw error;
        return refusedAs(refusedItem({ clientId, source, materialId }, error));
      }
    },
    ended() {
      const taken = { completed: justCompleted, watermarks };
      [justCompleted, watermarks] = [[], []];
      return taken;
    },
  };
}

function replyTo(clientId: string, { refusal, labelRefusal }: Accepted): SubmitReply {
  if (!labelRefusal) return { clientId, refusal };
  const { code, message } = labelRefusal;
  return { clientId, refusal, labelRefusal: { code, message } };
}

function refusedAs(rejection: Rejection): Accepted {
  const { source, code, message } = rejection;
  return { publications: [{ event: inputRejected(source, rejection) }], refusal: { code, message } };
}

function bringsTo({ kind }: ArrivedItem['content']): boolean {
  return kind === 'material' || kind === 'completed';
}

function tooManySources(): RejectedInput {
  const problem = `source: this stream has brought items of ${SOURCES_MAX} sources already`;
  return new RejectedInput('too_large', `${problem}: open another stream for others`);
}
