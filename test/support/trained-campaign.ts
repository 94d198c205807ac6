import { isCampaignStreamEvent } from '../../src/learning/campaign/campaign-events.ts';
import { memberModelHash } from '../../src/learning/ensemble/member-models.ts';
import type { MemberTrained } from '../../src/model/events.ts';
import { MODULI } from '../../src/model/target.ts';
import type { ModelName } from '../../src/ports/model-store.ts';
import { hashOf } from './campaigns.ts';
import { longCampaign } from './long-campaign.ts';
import type { ServiceWorld } from './simulation/service-world.ts';

export interface TrainedCampaign {
  readonly rounds: number;
  /** Whether rounds note where their members begin; older versions did not. */
  readonly noted?: boolean;
  /** How many of the last events to omit. */
  readonly without?: number;
}

/** The number of rows per member whose predictions its event holds. */
const HELD_OUT = 100;

/** Appends the events of a campaign to the log, two members per round, and stores the models of its last two rounds. */
export async function givenTrainedCampaign(
  { world, ports, node, run, given }: ServiceWorld,
  { rounds, noted = true, without = 0 }: TrainedCampaign,
): Promise<void> {
  const { members } = ports.topics;
  const ends = () => {
    const partitions = [...Array(members.partitions).keys()];
    return partitions.map((partition) => world.stored.log.endOffset({ topic: members.name, partition }));
  };
  const stream = [...longCampaign({ rounds, batch: 1 })];
  const events = stream.filter((event) => event.type === 'MemberTrained' || isCampaignStreamEvent(event));
  for (const event of events.slice(0, events.length - without)) {
    if (event.type === 'RoundOpened') {
      const offsets = noted ? { [members.name]: ends() } : {};
      await run(given({ event: { ...event, snapshot: { ...event.snapshot, offsets } }, campaign: 'test' }));
    } else if (event.type === 'MemberTrained') {
      const { round, member } = event;
      const model = await run(node.modelStore.put(Buffer.from(`round ${round}, member ${member}`)));
      if (round < rounds - 1) await run(node.modelStore.delete(model));
      await run(given({ event: memberTrained(event, model) }));
    } else await run(given({ event, campaign: 'test' }));
  }
}

export function memberTrained(
  of: Pick<MemberTrained, 'round' | 'snapshotHash' | 'member'>,
  model: ModelName,
): MemberTrained {
  const heldOut = { mae: 1, rmse: 2, r2: 0.5 };
  const rows = { heldOutRows: new Int32Array(HELD_OUT), heldOutPredictions: new Float64Array(HELD_OUT) };
  const target = { model, treesHash: hashOf(model), trainingRows: 1, heldOut, ...rows };
  const targets = MODULI.map((name) => ({ target: name, ...target }));
  const { round, snapshotHash, member } = of;
  return {
    type: 'MemberTrained',
    campaign: 'test',
    round,
    snapshotHash,
    member,
    modelHash: memberModelHash(targets.map(({ treesHash }) => treesHash)),
    targets,
    engine: 'e',
    seconds: 1,
  };
}
