import { describe, expect, it } from 'vitest';
import type { AuthoredEvent, CampaignEvent, EpochClaimed } from '../../../src/learning/campaign/campaign-events.ts';
import { evolve, initialState } from '../../../src/learning/campaign/campaign-state.ts';
import { contradiction } from '../../../src/learning/campaign/campaign-validity.ts';
import { createCampaignHistories } from '../../../src/reading/campaign-history.ts';
import { createCampaignStates } from '../../../src/reading/campaign-states.ts';
import { candidateOf, created, hashOf, runCampaign, snapshotOf, stateAfter } from '../../support/campaigns.ts';

const { campaign: STREAM } = runCampaign(created({ stop: { rounds: 2 } }), ['a', 'b', 'c', 'd', 'e']);
const indexOf = (type: CampaignEvent['type'], nth = 0) => {
  const places = STREAM.flatMap((event, i) => (event.type === type ? [i] : []));
  return places[nth]!;
};
const before = (i: number) => stateAfter(STREAM.slice(0, i));
const OPENED = indexOf('RoundOpened');
const SELECTED = indexOf('Selected');
const CLOSED = indexOf('RoundClosed');

/** An event as the campaign's writer would append it next. */
function next(i: number, draft: Omit<AuthoredEvent, 'epoch' | 'writer' | 'sequence'> & Record<string, unknown>) {
  const { epoch, writer, sequence } = before(i);
  return { ...draft, epoch, writer: writer!, sequence: sequence + 1 } as unknown as AuthoredEvent;
}

const selected = (round: number) => ({ type: 'Selected' as const, round, candidates: [candidateOf('a')], metrics: [] });
const opened = (round: number) => ({
  ...{ type: 'RoundOpened' as const, snapshot: snapshotOf(round, ['a']), snapshotHash: hashOf('s') },
});

const NONSENSE: [what: string, place: number, event: AuthoredEvent | EpochClaimed, problem: string][] = [
  ['a selection of a round never opened', OPENED, next(OPENED, selected(1)), 'round 1 has not been opened'],
  ['a selection of a later round', SELECTED, next(SELECTED, selected(9)), 'round 9 has not been opened'],
  ['a second selection', SELECTED + 1, next(SELECTED + 1, selected(1)), 'round 1 has selected'],
  ['a round that is opened twice', SELECTED, next(SELECTED, opened(1)), 'round 1 has been opened'],
  ['a round opened too early', SELECTED, next(SELECTED, opened(2)), 'round 2 comes before the one before'],
  [
    ...(['the end of a round that has not selected', SELECTED] as const),
    next(SELECTED, { type: 'RoundClosed', round: 1, outcomes: [] }),
    'round 1 has not selected',
  ],
  [
    ...(['a round that is closed twice', CLOSED + 1] as const),
    next(CLOSED + 1, { type: 'RoundClosed', round: 1, outcomes: ['labelled', 'labelled'] }),
    'round 1 has been closed',
  ],
  [
    ...(['outcomes of more than was selected', CLOSED] as const),
    next(CLOSED, { type: 'RoundClosed', round: 1, outcomes: ['labelled', 'expired', 'expired'] }),
    'round 1 has 2 calculations, and 3 outcomes',
  ],
  [
    ...(['the end of an unknown calculation', CLOSED] as const),
    next(CLOSED, { type: 'CalculationExpired', round: 1, calculationId: hashOf('unknown') }),
    'round 1 has not selected calculation',
  ],
  [
    ...(['what comes after the stop', STREAM.length] as const),
    next(STREAM.length, { type: 'CampaignPaused' }),
    'its campaign has stopped',
  ],
  [
    ...(['an epoch far ahead', SELECTED] as const),
    { type: 'EpochClaimed', epoch: 2 ** 32 - 1, writer: 'nobody' },
    'epoch 4294967295 is claimed after epoch 1',
  ],
];

describe('what a campaign stream cannot say', () => {
  it.each(NONSENSE)('is %s', (_, place, event, problem) => {
    const state = before(place);
    expect(contradiction(state, event)).toContain(problem);
    expect(evolve(state, event)).toBe(state);
  });

  it('changes nothing for those who follow the stream, wherever it stands', () => {
    const keep = (events: readonly CampaignEvent[]) => {
      const states = createCampaignStates();
      const histories = createCampaignHistories(states);
      for (const event of events) {
        states.take({
          event: event as AuthoredEvent,
          key: 'test',
          topic: 't',
          partition: 0,
          offset: 0,
          id: '',
          time: '',
        });
      }
      return histories;
    };
    for (const [, place, event] of NONSENSE) {
      const disturbed = STREAM.toSpliced(place, 0, event);
      expect(stateAfter(disturbed)).toEqual(stateAfter(STREAM));
      expect(keep(disturbed)).toEqual(keep(STREAM));
    }
  });

  it('is that a campaign is created anew: its history is that of the first', () => {
    const states = createCampaignStates();
    const histories = createCampaignHistories(states);
    const place = { key: 'test', topic: 't', partition: 0, offset: 0, id: '', time: '' };
    const again = { ...created({}), configHash: hashOf('other') };
    for (const event of [...STREAM, again]) states.take({ ...place, event: event as AuthoredEvent });
    const first = STREAM.find(({ type }) => type === 'CampaignCreated');
    expect(histories.get('test')!.created).toBe(first);
    expect(histories.get('test')!.rounds.map(({ round }) => round)).toEqual([1, 2, 3]);
  });

  it('is nothing that a diligent writer says', () => {
    for (const settle of ['labelled', 'rejected', 'abandoned', 'never'] as const) {
      const { campaign } = runCampaign(created({ stop: { rounds: 3 } }), ['a', 'b', 'c', 'd', 'e'], () => settle);
      let state = initialState();
      for (const event of campaign) {
        if (event.type !== 'CampaignCreated') {
          expect(contradiction(state, event as AuthoredEvent), event.type).toBeUndefined();
        }
        state = evolve(state, event);
      }
      expect(state.stopped).toBeDefined();
    }
  });
});
