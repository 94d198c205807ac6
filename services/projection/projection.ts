import { AppError } from '../../src/model/app-error.ts';
import type { InputRejected } from '../../src/model/events.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { TopicPartition } from '../../src/ports/event-log.ts';
import type { ResultStore } from '../../src/ports/result-store.ts';
import { createMemberJudge, type MemberJudge } from '../../src/reading/member-judge.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import type { Received } from '../../src/runtime/decode-records.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { combineServices, createFailure, type Service, type ServicePorts } from '../../src/runtime/service.ts';
import { createFirstMembers } from './first-members.ts';
import { createTableKeeping, type TableKeeping } from './table-keeping.ts';
import { createProjector, nonsense, storeProjected } from './table-rows.ts';

export const PROJECTION_GROUP = 'projection';

export function projectedTopics({ campaigns, members, rejections }: Topics): string[] {
  return [campaigns.name, members.name, rejections.name];
}

export interface ProjectionOptions {
  /** Told of how many events the tables lacked rows, once they have been stored again. */
  readonly onLacking?: (events: number) => void;
}

export interface RunningProjection extends Service {
  /** Resolves when the tables hold again what they had lost before the start. */
  filled(): Promise<void>;
}

/** How long rows may be missing before somebody notices; a table that is missing is noticed by the next row for it. */
const CHECK_MS = 300_000;

/** Keeps the tables of people's queries up to date with the log, except for the predictions, which shards bring. */
export async function startProjection(
  ports: ServicePorts,
  results: ResultStore,
  { onLacking }: ProjectionOptions = {},
): Promise<RunningProjection> {
  const { campaigns, members, rejections, examples } = ports.topics;
  const projector = createProjector(ports.topics);
  const judge = createMemberJudge(ports.log, ports.topics);
  const first = createFirstMembers({
    ...{ log: ports.log, topic: members, opened: judge.opened },
    learn: projector.rows,
  });
  const keeping = createTableKeeping({
    ...{ ports, results, learned: new Set([campaigns.name]) },
    learn: projector.rows,
    async storeRows(received, refuse) {
      const sensible = await withoutNonsense(received, judge, refuse);
      await first.learnBefore(sensible);
      return storeProjected(results, projector, sensible, refuse);
    },
    onLacking(events) {
      ports.telemetry?.log('warn', 'rows were lacking in the tables, and are stored again', { events });
      onLacking?.(events);
    },
  });
  const ofTables = <T extends TopicPartition>(partitions: readonly T[]) =>
    partitions.filter(({ topic }) => topic !== examples.name);
  let assigned = () => {};
  const firstAssigned = new Promise<void>((resolve) => {
    assigned = resolve;
  });
  const consumer = await startConsumer(ports, createPublisher(ports, 'projection'), {
    group: PROJECTION_GROUP,
    // No group reads examples: here only to have refused what is none.
    topics: [campaigns.name, members.name, rejections.name, examples.name],
    async onAssigned(partitions) {
      first.assigned(partitions);
      await keeping.assigned(ofTables(partitions));
      assigned();
    },
    async onRevoked(partitions) {
      keeping.revoked(partitions);
    },
    handle: (received, _, refuse) => keeping.store(received, refuse),
  });
  const checks = startChecks(ports, keeping);
  return {
    ...combineServices([consumer, checks]),
    async filled() {
      await Promise.race([firstAssigned, consumer.failed]);
      await keeping.idle();
    },
  };
}

function startChecks({ clock, telemetry }: ServicePorts, { check }: TableKeeping): Service {
  const stopping = new AbortController();
  const failure = createFailure();
  const checking = (async () => {
    for (;;) {
      await clock.sleep(CHECK_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await check().catch((error: unknown) => {
        if (!(error instanceof AppError && error.retryable)) throw error;
        telemetry?.log('warn', 'the tables cannot be checked, and will be', { err: error });
      });
    }
  })().catch(failure.fail);
  return {
    failed: failure.promise,
    async stop() {
      stopping.abort();
      await checking;
    },
  };
}

/** Without what members' events say of members that there are not. */
async function withoutNonsense(
  received: readonly Received[],
  judge: MemberJudge,
  refuse: (event: InputRejected) => void,
): Promise<Received[]> {
  const sensible: Received[] = [];
  for (const one of received) {
    const { event } = one;
    const problem =
      event.type === 'MemberTrained' || event.type === 'MemberFailed' ? await judge.problem(event) : undefined;
    if (problem === undefined) sensible.push(one);
    else refuse(nonsense(one, problem));
  }
  return sensible;
}
