import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StopRule } from '../../../src/learning/campaign/campaign-config.ts';
import { type CampaignCommand, configHash, decide } from '../../../src/learning/campaign/campaign-decider.ts';
import type { CampaignEvent } from '../../../src/learning/campaign/campaign-events.ts';
import { type CampaignState, evolve, initialState } from '../../../src/learning/campaign/campaign-state.ts';
import {
  abandonedMaterials,
  acquiredLabels,
  nextStep,
  pendingMaterials,
} from '../../../src/learning/campaign/campaign-step.ts';
import { snapshotHash } from '../../../src/learning/campaign/round-snapshot.ts';
import { CONFIG, candidateOf, created, hashOf, runCampaign, snapshotOf, stateAfter } from '../../support/campaigns.ts';
import { EXAMPLE_EVENTS } from '../../support/example-events.ts';

const POOL = ['a', 'b', 'c', 'd', 'e'];
const writer = 'w1';
const claim: CampaignCommand = { type: 'ClaimEpoch', writer };
const completed: CampaignEvent = { type: 'SourceCompleted', source: 'elastic.jsonl', count: 9, hash: hashOf('source') };
const open: CampaignCommand = { type: 'OpenRound', writer, snapshot: snapshotOf(1, POOL) };
const SNAPSHOT = snapshotHash('test', snapshotOf(1, POOL));
const trained = (member: number, model = `model ${member}`): CampaignEvent => ({
  type: 'MemberTrained',
  round: 1,
  snapshotHash: SNAPSHOT,
  member,
  modelHash: hashOf(model),
});
const select: CampaignCommand & { type: 'SelectCandidates' } = {
  type: 'SelectCandidates',
  writer,
  round: 1,
  candidates: ['a', 'b'].map(candidateOf),
  metrics: [],
};
const settled = (id: string, outcome: 'labelled' | 'rejected' | 'abandoned', label?: string): CampaignEvent => {
  const event = { type: 'CalculationSettled', round: 1, calculationId: hashOf(`calc-${id}`), outcome } as const;
  return label === undefined ? event : { ...event, labelId: hashOf(label) };
};

const halted = (id: string, parkings: number, reason = 'the disk is full'): CampaignEvent => ({
  ...{ type: 'CalculationHalted', round: 1, calculationId: hashOf(`calc-${id}`), parkings, reason },
});
const park: CampaignCommand = { type: 'ParkCampaign', writer, reason: 'the disk is full' };
const resume: CampaignCommand = { type: 'ResumeCampaign', writer };

/** Given events and commands in turn, the state. */
function given(...history: (CampaignEvent | CampaignCommand)[]): CampaignState {
  const isCommand = (item: CampaignEvent | CampaignCommand): item is CampaignCommand =>
    /^[A-Z][a-z]+(Campaign|Epoch|Round|Candidates|Calculations)$/.test(item.type);
  let state = initialState();
  for (const item of history) {
    for (const event of isCommand(item) ? decide(state, item) : [item]) state = evolve(state, event);
  }
  return state;
}

const ready = [created(), claim, completed] as const;
const selected = [...ready, open, trained(0), trained(1), select] as const;

describe('the state', () => {
  it('keeps the metrics of each round, without their histograms', () => {
    const measured = EXAMPLE_EVENTS.flatMap((event) => (event.type === 'Selected' ? event.metrics : []));
    const state = given(...ready, open, trained(0), trained(1), { ...select, metrics: measured });
    const kept = measured.map(({ standardDeviationHistogram: _, standardDeviationBin: __, ...numbers }) => numbers);
    expect(kept).not.toEqual([]);
    expect(state.rounds.get(1)?.metrics).toEqual(kept);
  });
});

describe('given a campaign, the next step', () => {
  it.each([
    ['create', []],
    ['claim_epoch', [created()]],
    ['await_sources', [created(), claim]],
    ['open_round', ready],
    ['train', [...ready, open, trained(1)]],
    ['select', [...ready, open, trained(0), trained(1)]],
    ['await_calculations', [...selected, settled('a', 'labelled', 'x')]],
    ['close_round', [...selected, settled('a', 'labelled', 'x'), settled('b', 'rejected')]],
    ['park', [...selected, halted('b', 0)]],
    ['parked', [...selected, halted('b', 0), park]],
    ['await_calculations', [...selected, halted('b', 0), park, resume]],
    ['park', [...selected, halted('b', 0), park, resume, halted('b', 1)]],
    ['close_round', [...selected, halted('b', 0), settled('a', 'labelled', 'x'), settled('b', 'rejected')]],
    ['stopped', [...selected, { type: 'CancelCampaign', writer } as const]],
  ] as const)('is %s', (step, history) => expect(nextStep(given(...history)).step).toBe(step));

  it('names the members, calculations and sources that are missing', () => {
    expect(nextStep(given(...ready, open, trained(1)))).toMatchObject({ missing: [0], snapshotHash: SNAPSHOT });
    expect(nextStep(given(created(), claim))).toMatchObject({ missing: ['elastic.jsonl'] });
    const waiting = nextStep(given(...selected, settled('a', 'labelled', 'x')));
    expect(waiting).toMatchObject({ open: [{ materialId: 'b' }] });
  });
});

describe('given a command', () => {
  it('opens a round under the hash of its snapshot', () => {
    expect(decide(given(...ready), open)).toEqual([
      { type: 'RoundOpened', snapshot: snapshotOf(1, POOL), snapshotHash: SNAPSHOT, epoch: 1, writer, sequence: 1 },
    ]);
  });

  it.each<readonly [string, readonly (CampaignEvent | CampaignCommand)[], CampaignCommand]>([
    ['a second creation', [created()], created()],
    ['a second claim by the same writer', [created(), claim], claim],
    ['a round that is open', [...ready, open], open],
    ['a round before its sources are complete', [created(), claim], open],
    ['a selection before the members are trained', [...ready, open, trained(0)], select],
    ['a second selection', selected, select],
    ['a close while calculations run', selected, { type: 'CloseRound', writer, round: 1 }],
    ['an expiry where nothing runs', ready, { type: 'ExpireCalculations', writer, round: 1 }],
    ['a stop that no rule asks for', ready, { type: 'StopCampaign', writer }],
    ['resuming what is not paused', ready, { type: 'ResumeCampaign', writer }],
    ['anything after the end', [...ready, { type: 'CancelCampaign', writer }], open],
    ['another writer', ready, { ...open, writer: 'w2' }],
    ['a writer whose epoch has passed', [...ready, { type: 'ClaimEpoch', writer: 'w2' }], open],
  ])('changes nothing by %s', (_, history, command) => expect(decide(given(...history), command)).toEqual([]));

  it('refuses a selection of the wrong size, or of one material twice', () => {
    const state = given(...ready, open, trained(0), trained(1));
    const choose = (...ids: string[]) =>
      decide(state, { ...select, candidates: ids.map(candidateOf) } as CampaignCommand);
    expect(() => choose('a')).toThrow(/1 selected/);
    expect(() => choose('a', 'a')).toThrow(/1 different/);
  });

  it('expires all that is open at once, in the order of the selection', () => {
    const expired = decide(given(...selected), { type: 'ExpireCalculations', writer, round: 1 });
    expect(expired).toMatchObject([
      { type: 'CalculationExpired', calculationId: hashOf('calc-a'), sequence: 3 },
      { type: 'CalculationExpired', calculationId: hashOf('calc-b'), sequence: 4 },
    ]);
  });

  it('pauses what would begin, and lets what runs come to its end', () => {
    const pause = { type: 'PauseCampaign', writer } as const;
    expect(nextStep(given(...ready, pause)).step).toBe('paused');
    expect(nextStep(given(...selected, pause, settled('a', 'rejected'), settled('b', 'rejected'))).step).toBe(
      'close_round',
    );
    expect(nextStep(given(...ready, pause, { type: 'ResumeCampaign', writer })).step).toBe('open_round');
  });
});

describe('a settled calculation', () => {
  it('that gave no label is never selected again, and counts as none', () => {
    const state = given(...selected, settled('a', 'labelled', 'x'), settled('b', 'abandoned'));
    const closed = stateAfter(decide(state, { type: 'CloseRound', writer, round: 1 }), state);
    expect(abandonedMaterials(closed)).toEqual(['b']);
    expect(acquiredLabels(closed)).toBe(1);
  });

  it('is settled for good when its round closes: a late label belongs to the next snapshot, and counts', () => {
    const state = given(...selected, settled('a', 'labelled', 'x'), { type: 'ExpireCalculations', writer, round: 1 });
    const closed = stateAfter(decide(state, { type: 'CloseRound', writer, round: 1 }), state);
    expect(closed.rounds.get(1)?.outcomes).toEqual(['labelled', 'expired']);
    const late = evolve(closed, settled('b', 'labelled', 'y'));
    expect(late.rounds.get(1)?.outcomes).toEqual(['labelled', 'expired']);
    expect([acquiredLabels(closed), acquiredLabels(late)]).toEqual([1, 2]);
    expect(acquiredLabels(evolve(late, settled('b', 'labelled', 'y')))).toBe(2);
    expect([pendingMaterials(late), abandonedMaterials(late)]).toEqual([[], ['b']]);
  });

  it('is a label even where it expired before the round closed', () => {
    const state = given(...selected, { type: 'ExpireCalculations', writer, round: 1 }, settled('b', 'labelled', 'y'));
    expect(nextStep(state)).toMatchObject({ step: 'close_round', outcomes: ['expired', 'labelled'] });
  });

  it('with contradicting outcomes takes the same one in either order, and raises an alarm', () => {
    const facts = [settled('a', 'rejected'), settled('a', 'labelled', 'x'), settled('a', 'labelled', 'y')];
    const states = [facts, facts.toReversed()].map((order) => given(...selected, ...order));
    expect(states[0]).toEqual(states[1]);
    expect([...states[0]!.alarms]).toEqual([`settlement:${hashOf('calc-a')}`]);
  });
});

describe('a calculation that cannot be done', () => {
  it('is halted by the failure of the latest request, in whatever order they come', () => {
    const facts = [halted('a', 0), halted('a', 1, 'z'), halted('a', 1, 'y')];
    for (const order of [facts, facts.toReversed()]) {
      expect(Object.fromEntries(given(...selected, ...order).rounds.get(1)!.halted)).toEqual({
        [hashOf('calc-a')]: { parkings: 1, reason: 'y' },
      });
    }
  });
});

describe('the first MemberTrained is the model', () => {
  it('and a different later one is ignored, with an alarm', () => {
    const before = given(...ready, open, trained(0));
    const after = evolve(before, trained(0, 'another'));
    expect(after.rounds).toEqual(before.rounds);
    expect([...after.alarms]).toEqual([`model:${SNAPSHOT}/0:${hashOf('another')}`]);
    expect(evolve(before, trained(0))).toBe(before);
  });

  it('and one trained on another snapshot is none of this round', () => {
    const foreign = { ...trained(0), snapshotHash: hashOf('elsewhere') } as CampaignEvent;
    expect(nextStep(given(...ready, open, foreign))).toMatchObject({ step: 'train', missing: [0, 1] });
  });
});

describe('only the current epoch may write', () => {
  const claimed = (epoch: number, by: string): CampaignEvent => ({ type: 'EpochClaimed', epoch, writer: by });

  it('and of two claims of one epoch the first counts', () => {
    const state = given(created(), claimed(1, 'w1'), claimed(1, 'w2'));
    expect([state.epoch, state.writer]).toEqual([1, 'w1']);
  });

  it('so what a deposed writer appends later changes nothing', () => {
    const before = given(...ready);
    const stale = decide(before, open);
    const deposed = evolve(before, claimed(2, 'w2'));
    expect(stateAfter(stale, deposed)).toBe(deposed);
  });

  it('and what it appended before stays, the successor carrying on behind it', () => {
    const state = given(...ready, open, claimed(2, 'w2'), trained(0), trained(1));
    expect(decide(state, { ...select, writer: 'w2' } as CampaignCommand)).toMatchObject([{ epoch: 2, sequence: 2 }]);
  });
});

describe('a campaign comes to its end', () => {
  it.each([
    ['rounds', { stop: { rounds: 2 } }, [2, 2, 0]],
    ['labels', { stop: { labels: 3 } }, [2, 1, 0]],
    ['empty_pool', {}, [2, 2, 1, 0]],
    ['labels', { stop: { labels: 2, rounds: 1 } }, [2, 0]],
  ] as const)('by %s, after a last round that only measures', (reason, change, sizes) => {
    const { state } = runCampaign(created(change), POOL);
    expect(state.stopped).toBe(reason);
    expect([...state.rounds.values()].map((round) => round.selected?.length)).toEqual(sizes);
  });

  it('also where no calculation ever gives a label', () => {
    const outcomes = { a: 'never', b: 'rejected', c: 'abandoned' } as const;
    const { state } = runCampaign(created({ stop: { labels: 2 } }), POOL, (id) => outcomes[id as 'a'] ?? 'never');
    expect(state.stopped).toBe('empty_pool');
    expect(abandonedMaterials(state)).toEqual(POOL);
  });
});

describe('a stop rule that is raised', () => {
  const raise = (stop: StopRule, writer = 'w1'): CampaignCommand => ({ type: 'RaiseStopRule', writer, stop });
  const sizes = ({ rounds }: CampaignState) => [...rounds.values()].map((round) => round.selected?.length);

  it.each([
    ['labels', { labels: 2 }, [{ labels: 5 }], [2, 0, 2, 1, 0]],
    ['rounds', { rounds: 1 }, [{ rounds: 2 }], [2, 0, 2, 0]],
    ['rounds', { rounds: 1 }, [{ rounds: 2 }, { rounds: 3 }], [2, 0, 2, 0, 1, 0]],
    ['empty_pool', { rounds: 1 }, [{}], [2, 0, 2, 1, 0]],
    // Its other limit still holds.
    ['labels', { labels: 2, rounds: 1 }, [{ labels: 2, rounds: 9 }], [2, 0]],
  ] as const)(
    'has a campaign that it had stopped go on with its next round, to its end by %s',
    (reason, stop, raises, expected) => {
      const { campaign, state } = runCampaign(created({ stop }), POOL, () => 'labelled', raises);
      expect(state.stopped).toBe(reason);
      expect(sizes(state)).toEqual(expected);
      expect(stateAfter(campaign)).toMatchObject({ raised: raises.at(-1), stopped: reason });
    },
  );

  it('holds from the round that is open', () => {
    const { campaign } = runCampaign(created({ stop: { rounds: 1 } }), POOL);
    const opened = campaign.findLastIndex(({ type }) => type === 'RoundOpened');
    const state = stateAfter(campaign.slice(0, opened + 1));
    const [raised] = decide(state, raise({ rounds: 4 }));
    expect(raised).toMatchObject({ type: 'StopRuleRaised', stop: { rounds: 4 }, sequence: state.sequence + 1 });
    const { snapshotHash } = state.rounds.get(2)!.opened!;
    const model = { type: 'MemberTrained', round: 2, snapshotHash, modelHash: hashOf('model') } as const;
    const trained = [completed, { ...model, member: 0 }, { ...model, member: 1 }];
    expect(nextStep(stateAfter(trained, state))).toMatchObject({ step: 'select', size: 0 });
    expect(nextStep(stateAfter([raised!, ...trained], state))).toMatchObject({ step: 'select', size: 2 });
  });

  it('is never lowered, and never set again by another writer, for a cancelled campaign or one without candidates', () => {
    const { state } = runCampaign(created({ stop: { labels: 2 } }), POOL);
    for (const stop of [{ labels: 1 }, { labels: 2 }, { labels: 3, rounds: 9 }])
      expect(decide(state, raise(stop))).toEqual([]);
    expect(decide(state, raise({ labels: 3 }, 'w2'))).toEqual([]);
    expect(decide(state, raise({ labels: 3 }))).toHaveLength(1);
    const [claim] = decide(state, { type: 'ClaimEpoch', writer: 'w2' });
    expect(decide(evolve(state, claim!), raise({}, 'w2'))).toMatchObject([{ epoch: 2, stop: {} }]);
    for (const over of ['cancelled', 'empty_pool'] as const) {
      expect(decide({ ...state, stopped: over }, raise({ labels: 3 }))).toEqual([]);
      expect(decide({ ...state, stopped: over }, { type: 'ClaimEpoch', writer: 'w2' })).toEqual([]);
    }
  });

  it('changes nothing where a stream says what no decider would', () => {
    const { state } = runCampaign(created({ stop: { labels: 2 } }), POOL);
    const authored = { epoch: state.epoch, writer: 'w1', sequence: state.sequence + 1 };
    for (const [from, stop] of [
      [state, { labels: 1 }],
      [{ ...state, stopped: 'cancelled' }, { labels: 3 }],
    ] as const) {
      expect(evolve(from, { type: 'StopRuleRaised', ...authored, stop })).toBe(from);
    }
  });
});

describe('replays and duplicates', () => {
  const outcome = (id: string) => (id === 'b' ? 'never' : id === 'c' ? 'rejected' : 'labelled');
  const { campaign, facts, state: expected } = runCampaign(created(), POOL, outcome);
  const streams: CampaignEvent[][] = [campaign, ...facts.values()];

  /** A delivery respects each stream's order, but may step back any number of times and begin again from there. */
  const deliveries = fc.infiniteStream(fc.record({ stream: fc.nat(streams.length - 1), back: fc.nat(6) }));

  it('change nothing, in any interleaving of the streams', () => {
    fc.assert(
      fc.property(deliveries, (choices) => {
        const next = streams.map(() => 0);
        let state = initialState();
        for (const { stream, back } of choices) {
          if (next.every((at, i) => at === streams[i]!.length)) break;
          if (back > 4) next[stream] = Math.max(0, next[stream]! - back);
          const event = streams[stream]![next[stream]!];
          if (event === undefined) continue;
          state = evolve(state, event);
          next[stream]!++;
        }
        expect(state).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('change nothing, each event on its own', () => {
    for (const event of streams.flat()) expect(evolve(expected, event)).toBe(expected);
  });
});

describe('configHash', () => {
  it('names the content, not the order of its keys', () => {
    const reversed = Object.fromEntries(Object.entries(CONFIG).reverse()) as unknown as typeof CONFIG;
    expect(configHash(reversed)).toBe(configHash(CONFIG));
    expect(configHash({ ...CONFIG, seed: 2 })).not.toBe(configHash(CONFIG));
  });
});

describe('a stop rule that looks at the models', () => {
  const stop = { below: { mae: { g_vrh: 9 } }, confidence: 0.95 };
  const opened = [created({ stop }), claim, completed, open, trained(0), trained(1)] as const;
  const mae = (value: number) => [{ figure: 'mae', target: 'g_vrh', value } as const];

  it('goes on selecting while its figure is not below', () => {
    const goesOn = given(...opened, { ...select, stopFigures: mae(9) });
    expect(goesOn.rounds.get(1)).toMatchObject({ stopFigures: mae(9) });
    expect(nextStep(goesOn).step).toBe('await_calculations');
  });

  it('ends with the round whose figure is below, which selects nothing, and keeps it', () => {
    const below: CampaignCommand = { ...select, candidates: [], stopFigures: mae(8.9) };
    const close: CampaignCommand = { type: 'CloseRound', writer, round: 1 };
    const measured = given(...opened, below, close);
    expect(measured.rounds.get(1)).toMatchObject({ selected: [], stopFigures: mae(8.9) });
    expect(nextStep(measured)).toEqual({ step: 'stop', reason: 'mae' });
    expect(() => decide(given(...opened), { ...below, candidates: select.candidates })).toThrow(/2 selected/);
    const over = given(...opened, below, close, { type: 'StopCampaign', writer });
    expect(over.stopped).toBe('mae');
    // A harder limit lets it go on, an easier one is no raise.
    const raise = (limit: number): CampaignCommand => ({
      ...{ type: 'RaiseStopRule', writer, stop: { ...stop, below: { mae: { g_vrh: limit } } } },
    });
    expect(decide(over, raise(9.5))).toEqual([]);
    const [raised] = decide(over, raise(8));
    expect(nextStep(stateAfter([raised!], over))).toEqual({ step: 'open_round', round: 2 });
  });

  it('does not decide where nothing was measured', () =>
    expect(() => decide(given(...opened), { ...select, candidates: [] })).toThrow(/0 selected/));
});
