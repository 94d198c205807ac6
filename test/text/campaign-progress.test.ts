import { describe, expect, it } from 'vitest';
import {
  type CampaignProgressState,
  campaignProgressText,
  createCampaignProgress,
} from '../../src/text/campaign-progress.ts';

const STATE: CampaignProgressState = {
  round: 4,
  labels: { added: 75, wanted: 250 },
  step: 'train',
  done: 13,
  total: 20,
  mae: { g_vrh: 12.94, k_vrh: 15.8 },
  secondsLeft: 80,
};
const ERASE = '\r\u001b[K';

describe('campaignProgressText', () => {
  it('shows round, bar, step, labels, errors and time left', () => {
    expect(campaignProgressText(STATE, 100)).toBe(
      'round 4  [==============       ]  members 13/20  added 75/250  test MAE G 12.9 K 15.8 GPa  1:20 left',
    );
  });

  it('leaves out what is not known, and rounds before the first', () => {
    expect(campaignProgressText({ round: 0, labels: { added: 0 }, step: 'ingest', done: 9564 }, 100)).toBe(
      'materials 9,564',
    );
    const state = { round: 2, roundsMax: 10, labels: { added: 5 }, step: 'score', done: 0, total: 0 } as const;
    expect(campaignProgressText({ ...state, mae: { k_vrh: 9 } }, 100)).toBe(
      'round 2/10  candidates 0/0  added 5  test MAE K 9.0 GPa',
    );
  });

  it('gives up errors first, then labels, then the time left', () => {
    expect(campaignProgressText(STATE, 60)).toBe('round 4  [======   ]  members 13/20  added 75/250  1:20 left');
    expect(campaignProgressText(STATE, 36)).toBe('round 4  members 13/20  1:20 left');
    expect(campaignProgressText(STATE, 12)).toBe('round 4  mem');
  });

  it('never exceeds the terminal', () => {
    for (let columns = 0; columns < 140; columns++) {
      for (const done of [0, 13, 20, 21]) {
        expect(campaignProgressText({ ...STATE, done }, columns).length).toBeLessThanOrEqual(columns);
      }
    }
  });
});

function recorded(terminal: { columns?: number; isTTY?: boolean }) {
  const written: string[] = [];
  const clock = { ms: 0 };
  const stream = { write: (text: string) => written.push(text) };
  return { written, clock, progress: createCampaignProgress(stream, terminal, () => clock.ms) };
}

describe('createCampaignProgress', () => {
  it('renews the line ten times a second, and at once for a new step', () => {
    const { written, clock, progress } = recorded({ columns: 80, isTTY: true });
    for (; clock.ms < 1000; clock.ms += 10) progress.update(STATE);
    expect(written).toHaveLength(10);
    progress.update({ ...STATE, step: 'score' });
    expect(written.at(-1)).toContain('candidates 13/20');
    progress.update({ ...STATE, round: 5 });
    expect(written.at(-1)).toContain('round 5');
    expect(written).toHaveLength(12);
  });

  it('follows the width of the terminal', () => {
    const terminal = { columns: 120, isTTY: true };
    const { written, clock, progress } = recorded(terminal);
    progress.update(STATE);
    terminal.columns = 40;
    clock.ms = 200;
    progress.update(STATE);
    expect(written.map((text) => text.length - ERASE.length).map((length) => length < 40)).toEqual([false, true]);
  });

  it('puts lines that stay above the live one', () => {
    const { written, progress } = recorded({ columns: 80, isTTY: true });
    progress.update(STATE);
    progress.note('round 3 is over');
    expect(written.slice(1)).toEqual([ERASE, 'round 3 is over\n', expect.stringContaining('members 13/20')]);
    progress.clear();
    progress.note('done');
    expect(written.slice(4)).toEqual([ERASE, 'done\n']);
  });

  it('writes nothing but whole lines where there is no terminal', () => {
    const { written, progress } = recorded({});
    progress.update(STATE);
    progress.note('round 3 is over');
    progress.note('stopped');
    progress.clear();
    expect(written).toEqual(['round 3 is over\n', 'stopped\n']);
  });
});
