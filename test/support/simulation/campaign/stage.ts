import type { RunningAcquisition } from '../../../../services/acquisition/acquisition.ts';
import type { Calculator } from '../../../../src/ports/calculator.ts';
import type { EventLog, TopicPartition } from '../../../../src/ports/event-log.ts';
import type { OperationHistory } from '../../history/operation-history.ts';
import { SIMULATED_TOPICS } from '../service-world.ts';
import type { World } from '../world.ts';
import type { CampaignPlan } from './campaign-plan.ts';
import type { StagedShard } from './rank-router.ts';

/** What older nodes were seen to do. */
interface OlderNodes {
  /** Those that parked the campaign that holds the newer event. */
  readonly parked: Set<string>;
  /** Whether the other campaign went on meanwhile. */
  wentOn: boolean;
}

/** Name the engines of nodes, which give the same models. */
export const ENGINE = 'simulated stumps 1';
export const NEWER_ENGINE = 'simulated stumps 2';
/** What the nodes of a run share, and what is noted of them. */
export interface Stage {
  readonly plan: CampaignPlan;
  readonly world: World;
  /** By node, the shards that live. */
  readonly shards: Map<string, StagedShard>;
  /** By node, those that live. */
  readonly acquisitions: Map<string, RunningAcquisition>;
  /** Whether a node has learned that all campaigns are over. */
  over(): boolean;
  /** What broke a guarantee while it ran. */
  readonly violations: string[];
  /** How often nodes came to their end by a fault that lasted, and why. */
  readonly failures: string[];
  /** Where bits of the log have changed: a node that reads there ends, and names the place. */
  readonly damaged: string[];
  readonly older: OlderNodes;
  /** What clients asked and learned of sources. */
  readonly history: OperationHistory;
}

/** A log that tells which partitions a group gives to this node. */
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
 * A calculator that notes when one process runs a calculation twice at once, or one whose result stood in the log when
 * its partition was given to this process (guarantee 2).
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
