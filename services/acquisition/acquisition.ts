import type { CampaignConfig } from '../../src/learning/campaign-config.ts';
import type { FrozenData } from '../../src/learning/campaign-data.ts';
import { decide } from '../../src/learning/campaign-decider.ts';
import { type CampaignState, initialState } from '../../src/learning/campaign-state.ts';
import { nextStep } from '../../src/learning/campaign-step.ts';
import { MaterialCatalogue } from '../../src/learning/material-catalogue.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { ControlPlane, Progress } from '../../src/ports/control-plane.ts';
import type { TrainingShard } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { startFollower } from '../../src/runtime/follower.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { retrying } from '../../src/runtime/retry.ts';
import { combineServices, createFailure, type Service, type ServicePorts } from '../../src/runtime/service.ts';
import { createCampaignFacts } from './campaign-facts.ts';
import { type CampaignWriter, createCampaignWriter } from './campaign-writer.ts';
import {
  collectRankings,
  type MemberModel,
  memberModel,
  type RoundSelection,
  rankRequest,
  roundModels,
  selectCandidates,
} from './round-selection.ts';

export interface AcquisitionOptions {
  readonly ports: ServicePorts;
  readonly control: ControlPlane;
  /** All shards together: who asks need not know which one holds a partition. */
  readonly shards: TrainingShard;
  /** This process's name in epochs and leases. */
  readonly writer: string;
  readonly featureSchema: string;
}

export interface RunningAcquisition extends Service {
  /** Makes a campaign, or finds it. @throws AppError `invalid_argument` where it is there with other settings */
  create(campaign: string, config: CampaignConfig, sources: readonly string[]): Promise<void>;
  state(campaign: string): CampaignState;
  /** What the campaign's sources hold; undefined before they have completed. */
  frozen(campaign: string): FrozenData | undefined;
  /** Calls back after every change that this node has read. */
  onChange(listener: () => void): void;
}

/** A campaign's writer renews it at every step and at least this often. */
const LEASE_MS = 15_000;
/** No wait for the clock is longer, so that a lease is renewed in time. */
const WAIT_MS_MAX = LEASE_MS / 3;

/** Decides: opens rounds, has members trained, ranks, selects, and has calculations done. One writer per campaign. */
export async function startAcquisition(options: AcquisitionOptions): Promise<RunningAcquisition> {
  const { ports, control, shards, writer, featureSchema } = options;
  const { topics, clock } = ports;
  const { partitions } = topics.materials;
  const publisher = createPublisher(ports, 'acquisition');
  const catalogue = new MaterialCatalogue({ vectors: false, partitions });
  const facts = createCampaignFacts(topics, catalogue);
  const trained = new Map<string, MemberModel>();
  const writers = new Map<string, CampaignWriter>();
  const working = new Map<string, Promise<void>>();
  const listeners = new Set<() => void>();
  const failure = createFailure();
  const stopping = new AbortController();
  const wakers = new Set<() => void>();
  let changes = 0;

  const follower = await startFollower(ports, {
    topics: [
      topics.campaigns,
      topics.members,
      topics.features,
      topics.examples,
      topics.rejections,
      topics.calculations,
    ],
    apply(received) {
      const { event } = received;
      if (event.type === 'MemberTrained') {
        const key = `${event.snapshotHash} ${event.member} ${event.modelHash}`;
        if (!trained.has(key)) trained.set(key, memberModel(event));
      }
      facts.take(received);
    },
    onBatch() {
      changes++;
      for (const listener of listeners) listener();
      advanceAll();
    },
  });

  async function select(campaign: string, round: number, size: number, frozen: FrozenData): Promise<RoundSelection> {
    const state = facts.state(campaign);
    const { opened } = state.rounds.get(round)!;
    const models = roundModels(state, round, (...key) => trained.get(key.join(' ')));
    const place = { number: round, snapshotHash: opened!.snapshotHash, partitions };
    const request = rankRequest(state.created!, place, models, frozen.lowest, size);
    await report(campaign, { round, step: 'score', done: 0, total: partitions });
    const hashes = models.map(({ modelHash }) => modelHash);
    const rankings = await retrying({ ...ports, signal: stopping.signal }, () =>
      collectRankings(request, hashes, shards.Rank(request)),
    );
    return selectCandidates(state.created!, rankings, size);
  }

  function writerOf(campaign: string): CampaignWriter {
    const known = writers.get(campaign);
    if (known) return known;
    const created = createCampaignWriter({
      ...{ campaign, writer, publisher, catalogue, featureSchema, partitions },
      state: () => facts.state(campaign),
      offsets: () =>
        Object.fromEntries(
          [topics.examples.name, topics.features.name].map((name) => [name, follower.positions(name)]),
        ),
      select: (round, size, frozen) => select(campaign, round, size, frozen),
      selectedAtMs: (round) => facts.selectedAtMs(campaign, round),
      nowMs: () => clock.now(),
    });
    writers.set(campaign, created);
    return created;
  }

  /** One step after the other, until the campaign waits for something. */
  async function advance(campaign: string): Promise<void> {
    while (!stopping.signal.aborted) {
      const seen = changes;
      const state = facts.state(campaign);
      if (state.created === undefined || state.stopped !== undefined) return;
      const lease = await control.acquireLease(`campaign/${campaign}`, writer, LEASE_MS);
      if (lease === undefined) {
        await clock.sleep(WAIT_MS_MAX, stopping.signal);
        continue;
      }
      await reportStep(campaign);
      const waiting = await writerOf(campaign).advance();
      if (waiting.for === 'nothing' || changes !== seen) continue;
      const waitMs = waiting.for === 'clock' ? Math.min(WAIT_MS_MAX, waiting.untilMs - clock.now()) : WAIT_MS_MAX;
      await changed(seen, waitMs);
    }
  }

  /** Resolves with the next change, or after that time. */
  async function changed(seen: number, waitMs: number): Promise<void> {
    const ended = new AbortController();
    const stop = () => ended.abort();
    stopping.signal.addEventListener('abort', stop, { once: true });
    wakers.add(stop);
    if (changes === seen) await clock.sleep(Math.max(0, waitMs), ended.signal);
    wakers.delete(stop);
    stopping.signal.removeEventListener('abort', stop);
  }

  function wake(): void {
    for (const waker of [...wakers]) waker();
  }

  function advanceAll(): void {
    wake();
    if (stopping.signal.aborted) return;
    for (const campaign of facts.names()) {
      if (working.has(campaign)) continue;
      const work = advance(campaign)
        .catch((error) => {
          if (!stopping.signal.aborted) failure.fail(error);
        })
        .finally(() => working.delete(campaign));
      working.set(campaign, work);
    }
  }

  async function reportStep(campaign: string): Promise<void> {
    const state = facts.state(campaign);
    const step = nextStep(state);
    const members = state.created?.config.ensemble.members ?? 0;
    if (step.step === 'train') {
      await report(campaign, { round: step.round, step: 'train', done: members - step.missing.length, total: members });
    } else if (step.step === 'await_calculations') {
      const total = state.rounds.get(step.round)?.selected?.length ?? 0;
      await report(campaign, { round: step.round, step: 'calculate', done: total - step.open.length, total });
    }
  }

  /** For eyes only, so its failure is nobody's. */
  async function report(campaign: string, progress: Omit<Progress, 'campaign'>): Promise<void> {
    await control.publishProgress({ campaign, ...progress }).catch(() => {});
  }

  advanceAll();
  const deciding: Service = {
    failed: failure.promise,
    async stop() {
      stopping.abort();
      wake();
      await Promise.all(working.values());
    },
  };
  return {
    ...combineServices([follower, deciding]),
    state: facts.state,
    frozen: (campaign) => writers.get(campaign)?.frozen,
    onChange: (listener) => void listeners.add(listener),
    async create(campaign, config, sources) {
      const [event] = decide(facts.state(campaign), { type: 'CreateCampaign', campaign, config, sources });
      if (event) await publisher.publish([{ event, campaign }]);
      else checkSame(campaign, facts.state(campaign), config, sources);
    },
  };
}

function checkSame(
  campaign: string,
  { created }: CampaignState,
  config: CampaignConfig,
  sources: readonly string[],
): void {
  const [again] = decide(initialState(), { type: 'CreateCampaign', campaign, config, sources });
  const same = again?.type === 'CampaignCreated' && again.configHash === created?.configHash;
  if (same && again.sources.join('\n') === created!.sources.join('\n')) return;
  const what = same ? 'other data files' : 'other settings';
  throw new AppError(
    'invalid_argument',
    `campaign ${campaign} was begun here with ${what}: undo the change, rename the campaign, or use another directory`,
  );
}
