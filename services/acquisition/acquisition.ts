import type { CampaignConfig } from '../../src/learning/campaign/campaign-config.ts';
import type { CampaignProspects } from '../../src/learning/campaign/campaign-prospects.ts';
import type { CampaignState } from '../../src/learning/campaign/campaign-state.ts';
import { MaterialCatalogue } from '../../src/learning/data/material-catalogue.ts';
import { memberModel } from '../../src/learning/ensemble/member-models.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { ControlPlane } from '../../src/ports/control-plane.ts';
import type { TrainingShard } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { createCampaignStates } from '../../src/reading/campaign-states.ts';
import { createCatalogueProjection } from '../../src/reading/catalogue-projection.ts';
import { createCompletedSources } from '../../src/reading/completed-sources.ts';
import { follow } from '../../src/reading/follow.ts';
import { createMembersReading } from '../../src/reading/members-reading.ts';
import { createSettledCalculations } from '../../src/reading/settled-calculations.ts';
import { createTrainedMembers } from '../../src/reading/trained-members.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { combineServices, type Service, type ServicePorts } from '../../src/runtime/service.ts';
import { createTimeSlices } from '../../src/runtime/time-slices.ts';
import { createAwaitedCalculations } from './awaited-calculations.ts';
import { createCampaignCauses } from './campaign-causes.ts';
import { createCampaign, createdEvent } from './campaign-creation.ts';
import { examineCampaign } from './campaign-examination.ts';
import { createCampaignLeases, LEASE_MS } from './campaign-leases.ts';
import { type CampaignLoops, createCampaignLoops } from './campaign-loops.ts';
import { createCampaignParking } from './campaign-parking.ts';
import { createCampaignRequests, type RequestedCommand } from './campaign-requests.ts';
import { type CampaignWriter, createCampaignWriter } from './campaign-writer.ts';
import type { Waiting } from './campaign-writer-parts.ts';
import { createNodeChanges, type NodeChanges, nodeIsStopping } from './node-changes.ts';
import { createProgressReports } from './progress-reports.ts';
import { createRoundRanking } from './round-ranking.ts';

export interface AcquisitionOptions {
  readonly ports: ServicePorts;
  readonly control: ControlPlane;
  /** All shards together: who asks need not know which one holds a partition. */
  readonly shards: TrainingShard;
  /** This process's name in epochs and leases. */
  readonly writer: string;
  readonly featureSchema: string;
  /**
   * True if nobody trains and calculates here. Requests of people are then done, for which the campaigns' own streams are
   * enough, and no campaign takes a step.
   */
  readonly isResting?: boolean;
}

export interface RunningAcquisition extends Service, NodeChanges {
  /**
   * What a campaign would begin with, once its sources are featurized.
   * @throws AppError `invalid_argument` where it could learn nothing: nothing is made yet, so that it can be corrected
   */
  examine(campaign: string, config: CampaignConfig, sources: readonly string[]): Promise<CampaignProspects>;
  /** Makes a campaign, or finds it. @throws AppError `invalid_argument` where it is there with other settings */
  create(campaign: string, config: CampaignConfig, sources: readonly string[]): Promise<void>;
  /** The campaigns that have been made. */
  names(): readonly string[];
  state(campaign: string): CampaignState;
  /** Resolves when all that campaigns' streams hold by now has been read here. */
  caughtUp(): Promise<void>;
  /**
   * Has the campaign's writer do what people want of it; resolves when the campaign's stream says so.
   * @throws AppError `unavailable` (retryable) where another node is the writer, `invalid_argument` where it has stopped
   */
  request(campaign: string, command: RequestedCommand): Promise<void>;
}

/** No wait for the clock is longer, so that a lease is renewed in time. */
const WAIT_MS_MAX = LEASE_MS / 3;

/** Decides: opens rounds, has members trained, ranks, selects, and has calculations done. One writer per campaign. */
export async function startAcquisition(options: AcquisitionOptions): Promise<RunningAcquisition> {
  const { ports, control, shards, writer, featureSchema, isResting = false } = options;
  const { topics, clock } = ports;
  const { partitions } = topics.materials;
  const publisher = createPublisher(ports, 'acquisition');
  const catalogue = new MaterialCatalogue({ vectors: false, partitions });
  const states = createCampaignStates(topics.campaigns, ...(isResting ? [] : [topics.members]));
  const calculations = createSettledCalculations(states, topics);
  const { selectedBy } = calculations;
  const causes = createCampaignCauses({ topics, telemetry: ports.telemetry, selectedBy });
  const awaited = createAwaitedCalculations({ states, calculations, topics, monotonic: clock.monotonic });
  const trained = createTrainedMembers(topics.members, memberModel);
  const progress = createProgressReports(control);
  const writers = new Map<string, CampaignWriter>();
  const leases = createCampaignLeases(control, writer, (campaign) => states.state(campaign).writer === writer);
  const requests = createCampaignRequests(states.state);
  const { names, state } = states;
  const members = createMembersReading(topics.members, states);
  const parking = createCampaignParking({ telemetry: ports.telemetry, writer, names, state, writerOf });
  const listeners = new Set<() => void>();
  const stopping = new AbortController();
  const changes = createNodeChanges(listeners, stopping.signal);
  /** Not there yet when the first events come. */
  let loops: CampaignLoops | undefined;

  const catalogued = createCatalogueProjection(catalogue, topics);
  const sources = createCompletedSources(states, catalogue, topics);
  const all = [states, catalogued, sources, calculations, awaited, trained, causes];
  const following = await follow(ports, isResting ? [states] : all, {
    ...(!isResting && { last: members }),
    onBatch() {
      requests.settle();
      parking.count();
      // What they have frozen is large.
      for (const campaign of writers.keys()) if (state(campaign).stopped !== undefined) writers.delete(campaign);
      for (const listener of [...listeners]) listener();
      loops?.wake();
    },
  });

  const select = createRoundRanking({
    ...{ shards, progress, partitions, state, trained },
    context: { ...ports, signal: stopping.signal },
  });

  function writerOf(campaign: string): CampaignWriter {
    const known = writers.get(campaign);
    if (known) return known;
    const created = createCampaignWriter({
      ...{ campaign, writer, publisher, catalogue, featureSchema, partitions, topics },
      state: () => state(campaign),
      offsets: () =>
        Object.fromEntries(
          [topics.examples, topics.features, topics.members].map(({ name }) => [name, following.positions(name)]),
        ),
      select: (round, size, frozen) => select(campaign, { round, size, frozen }),
      expiryMs: (round) => awaited.expiryMs(campaign, round),
      nowMs: () => clock.monotonic(),
      slices: createTimeSlices(clock),
      uniform: () => ports.random.uniform(),
      traced: (step, action) => causes.step(campaign, step, action),
      requested: () => requests.next(campaign),
    });
    writers.set(campaign, created);
    return created;
  }

  async function mayWrite(campaign: string, { type }: RequestedCommand): Promise<void> {
    const { newer, stopped } = state(campaign);
    if (newer !== undefined) throw readElsewhere(campaign, newer);
    const isWritten = stopped === undefined || type === 'RaiseStopRule';
    if (isWritten && !(await leases.hold(campaign))) throw writtenElsewhere(campaign);
  }

  async function step(campaign: string): Promise<Waiting> {
    if (isResting && requests.next(campaign) === undefined) return { for: 'events' };
    // A newer node writes it, and is not to find its lease taken.
    if (state(campaign).newer !== undefined) return { for: 'lease' };
    if (!(await leases.hold(campaign))) {
      requests.refuse(writtenElsewhere(campaign), campaign);
      return { for: 'lease' };
    }
    await progress.step(campaign, state(campaign));
    return writerOf(campaign).advance();
  }

  async function request(campaign: string, command: RequestedCommand): Promise<void> {
    await mayWrite(campaign, command);
    if (stopping.signal.aborted) throw nodeIsStopping();
    const done = requests.ask(campaign, command);
    loops?.wake();
    await done;
  }

  const isAtWork = (campaign: string) => isRunning(state(campaign)) || requests.next(campaign) !== undefined;
  loops = createCampaignLoops({ clock, waitMsMax: WAIT_MS_MAX, names, isAtWork, step, park: parking.park });
  loops.wake();
  const services = combineServices([following, loops]);
  return {
    failed: services.failed,
    async stop() {
      stopping.abort();
      requests.refuse(nodeIsStopping());
      await services.stop();
      await leases.release();
    },
    names: () => names().filter((campaign) => state(campaign).created !== undefined),
    state,
    ...changes,
    request,
    async caughtUp() {
      await changes.whileRunning(following.caughtUp(topics.campaigns.name));
    },
    examine: (...of) => examineCampaign(createdEvent(...of), { topics, catalogue, ...changes }),
    create: (...of) => createCampaign({ publisher, featureSchema }, state(of[0]), ...of),
  };
}

function isRunning({ created, stopped }: CampaignState): boolean {
  return created !== undefined && stopped === undefined;
}

function readElsewhere(campaign: string, event: string): AppError {
  const message = `campaign ${campaign} holds ${event}, an event of a newer elastream: ask a node of that version`;
  return new AppError('unavailable', message, { retryable: true });
}

function writtenElsewhere(campaign: string): AppError {
  return new AppError('unavailable', `another node writes campaign ${campaign}: ask that one`, { retryable: true });
}
