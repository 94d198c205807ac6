import type { TargetValues } from '../model/target.ts';
import { quantities } from '../model/target-words.ts';
import { bar, duration, grouped } from './progress-text.ts';
import { createTerminalLine } from './terminal-line.ts';
import { wrapped } from './text-style.ts';

export interface CampaignProgressState {
  /** From 1; 0 before the first. */
  readonly round: number;
  readonly roundsMax?: number;
  readonly labels: { readonly added: number; readonly wanted?: number };
  readonly step: 'ingest' | 'featurize' | 'train' | 'score' | 'calculate';
  /** Of the step: materials, members, candidates or calculations. */
  readonly done: number;
  /** Absent while it is not known. */
  readonly total?: number;
  /** Mean absolute errors on the test set. */
  readonly mae?: TargetValues;
  readonly secondsLeft?: number;
}

/** What a running campaign shows: one live line where it is a terminal, and lines that stay. */
export interface CampaignProgress {
  /** Renews the live line, ten times a second at most; shows nothing where there is no terminal. */
  update(state: CampaignProgressState): void;
  /** A line that stays, above the live one. */
  note(line: string): void;
  /** Removes the live line. */
  clear(): void;
}

const COUNTED: Readonly<Record<CampaignProgressState['step'], string>> = {
  ingest: 'materials',
  featurize: 'features',
  train: 'members',
  score: 'candidates',
  calculate: 'calculations',
};

/** @param terminal what the stream is; its columns may change at any time. `process.stderr` can be both. */
export function createCampaignProgress(
  stream: { write(text: string): unknown },
  terminal: { readonly columns?: number; readonly isTTY?: boolean },
  nowMs: () => number,
): CampaignProgress {
  const line = createTerminalLine({
    get columns() {
      return terminal.columns;
    },
    write: (text) => stream.write(text),
  });
  let shown: CampaignProgressState | undefined;
  const update = (state: CampaignProgressState) => {
    if (!terminal.isTTY) return;
    // A step may last for minutes without another word.
    if (state.step !== shown?.step || state.round !== shown.round) line.refresh();
    shown = state;
    line.show((columns) => campaignProgressText(state, columns), nowMs());
  };
  const note = (text: string) => {
    line.clear();
    stream.write(`${wrapped(text, (terminal.isTTY && terminal.columns) || Number.POSITIVE_INFINITY, 4)}\n`);
    if (shown) update(shown);
  };
  return {
    update,
    note,
    clear() {
      line.clear();
      shown = undefined;
    },
  };
}

/** One line of at most `columns` characters; what matters least is left out first. */
export function campaignProgressText(state: CampaignProgressState, columns: number): string {
  const { step, done, total } = state;
  const counted = `${COUNTED[step]} ${share(done, total)}`;
  const left = state.secondsLeft === undefined ? undefined : `${duration(state.secondsLeft * 1000)} left`;
  const details = [addedText(state), maeText(state), left];
  const kept = new Set<string>();
  let length = [roundText(state), counted].filter(Boolean).join('  ').length;
  for (const text of [left, details[0], details[1]]) {
    if (text === undefined || length + 2 + text.length > columns) continue;
    kept.add(text);
    length += 2 + text.length;
  }
  const drawn = total ? bar(done / total, columns - length - 2) : undefined;
  const parts = [roundText(state), drawn, counted, ...details.filter((text) => text !== undefined && kept.has(text))];
  return parts.filter(Boolean).join('  ').slice(0, columns);
}

function roundText({ round, roundsMax }: CampaignProgressState): string | undefined {
  return round === 0 ? undefined : `round ${share(round, roundsMax)}`;
}

function addedText({ round, labels }: CampaignProgressState): string | undefined {
  return round === 0 ? undefined : `added ${share(labels.added, labels.wanted)}`;
}

function maeText({ mae }: CampaignProgressState): string | undefined {
  const known = Object.entries(mae ?? {}).map(([target, value]) => [target, value!.toFixed(1)] as const);
  return known.length > 0 ? `test MAE ${quantities(known, ' ')}` : undefined;
}

function share(done: number, total: number | undefined): string {
  return total === undefined ? grouped(done) : `${grouped(done)}/${grouped(total)}`;
}
