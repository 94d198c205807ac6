import type { RunningAcquisition } from '../../../../services/acquisition/acquisition.ts';
import type { Calculator } from '../../../../src/ports/calculator.ts';
import type { EventLog, TopicPartition } from '../../../../src/ports/event-log.ts';
import type { OperationHistory } from '../../history/operation-history.ts';
import { SIMULATED_TOPICS } from '../service-world.ts';
import type { World } from '../world.ts';
import type { CampaignPlan } from './campaign-plan.ts';
import type { StagedShard } from './rank-router.ts';

/** The observed behaviour of older nodes. */
interface OlderNodes {
  /** The nodes that parked the campaign with the newer event. */
  readonly parked: Set<string>;
  /** Whether the other campaign continued meanwhile. */
  wentOn: boolean;
}

/** The engine names of old and new nodes; both engines give the same models. */
export const ENGINE = 'simulated stumps 1';
export const NEWER_ENGINE = 'simulated stumps 2';
/** The shared parts of a run's nodes, and the observations of them. */
export interface Stage {
  readonly plan: CampaignPlan;
  readonly world: World;
  /** The live shards, by node. */
  readonly shards: Map<string, StagedShard>;
  /** The live acquisition services, by node. */
  readonly acquisitions: Map<string, RunningAcquisition>;
  /** Whether a node has learned that all campaigns are over. */
  over(): boolean;
  /** Guarantees that were broken during the run. */
  readonly violations: string[];
  /** How many times, and why, nodes ended with a persistent fault. */
  readonly failures: string[];
  /** The places of flipped bits: a node that reads there ends and names the place. */
  readonly damaged: string[];
  readonly older: OlderNodes;
  /** The clients' requests about sources, and the answers. */
  readonly history: OperationHistory;
}

/** A log that reports which partitions a group assigns to this node. */
export function watchedLog(
  log: EventLog,
  group: string,
  onChange: (gained: readonly TopicPartition[], lost: readonly TopicPartition[]) => void,
): EventLog {
  return {
    ...log,
    join(member) {
      if (member.group !== group) return log.join(member);
      return log.join({
        ...member,
        async onAssigned(partitions) {
          onChange(partitions, []);
          await member.onAssigned?.(partitions);
        },
        async onRevoked(partitions) {
          onChange([], partitions);
          await member.onRevoked?.(partitions);
        },
      });
    },
  };
}

/**
 * A calculator that records a violation of guarantee 2: one process runs a calculation twice at the same time, or runs
 * one whose result was in the log when its partition was assigned to this process.
 */
export function watchedCalculator(
  calculator: Calculator,
  { world, violations }: Stage,
  who: string,
): { readonly calculator: Calculator; readonly log: (log: EventLog) => EventLog } {
  const running = new Map<string, AbortSignal>();
  const answered = new Set<string>();
  const noteAnswers = (partitions: readonly TopicPartition[]) => {
    const records = world.stored.log.records(SIMULATED_TOPICS.results.name);
    for (const { partition } of partitions)
      for (const { id } of records[partition]!) answered.add(id.split('/')[1] ?? '');
  };
  return {
    log: (log) => watchedLog(log, 'calculation', noteAnswers),
    calculator: {
      async run(job, signal) {
        const { calculationId: id } = job;
        if (running.get(id)?.aborted === false) violations.push(`(2) ${who} runs calculation ${id} twice at once`);
        if (answered.has(id)) violations.push(`(2) ${who} runs calculation ${id} again after its result`);
        running.set(id, signal);
        try {
          return await calculator.run(job, signal);
        } finally {
          if (running.get(id) === signal) running.delete(id);
        }
      },
    },
  };
}
