import type { CampaignConfig } from '../../learning/campaign/campaign-config.ts';
import { sameStopRule } from '../../learning/campaign/stop-rule.ts';
import type { TargetValues } from '../../model/target.ts';
import { quantities } from '../../model/target-words.ts';
import type { Progress } from '../../ports/control-plane.ts';
import {
  acquiredBefore,
  type CampaignHistories,
  type CampaignHistory,
  type RoundHistory,
  roundSeconds,
} from '../../reading/campaign-history.ts';
import { type RoundRow, roundRow } from '../../reading/round-row.ts';
import { type CampaignProgressState, createCampaignProgress } from '../../text/campaign-progress.ts';
import { grouped } from '../../text/progress-text.ts';
import { roundLine } from '../../text/round-line.ts';
import { secondsLeft } from '../../text/time-left.ts';

/** What a run says: progress on standard error, with `--json` one object per round on standard output. */
export interface RunDisplay {
  /** What was there before is not told again, but for the rounds of a campaign that is over, with `--json`. */
  begin(arms: readonly CampaignConfig[], campaigns: CampaignHistories): void;
  ingesting(materials: number): void;
  progress(progress: Progress): void;
  show(campaigns: CampaignHistories): void;
  note(line: string): void;
  clear(): void;
  /** What came of each arm, in a line. */
  conclude(): void;
  /** `in round 4 of quickstart` */
  whereWeAre(): string;
}

type Campaigns = CampaignHistories;

export function createRunDisplay({ json, quiet }: { readonly json: boolean; readonly quiet: boolean }): RunDisplay {
  const { stderr, stdout } = process;
  const line = createCampaignProgress(
    stderr,
    quiet
      ? {}
      : {
          get columns() {
            return stderr.columns;
          },
          isTTY: stderr.isTTY,
        },
    () => performance.now(),
  );
  /** Rounds told so far, by campaign. */
  const told = new Map<string, number>();
  let arms: readonly CampaignConfig[] = [];
  let campaigns: Campaigns = new Map();
  let roundBeganMs = performance.now();

  const note = (text: string) => {
    if (!quiet) line.note(text);
  };

  function stateOf(history: CampaignHistory, round: RoundHistory | undefined): CampaignProgressState {
    const number = round?.round ?? history.rounds.length;
    const { labels: wanted, rounds } = history.stopRule;
    const mae = maeOf(round) ?? maeOf(history.rounds.findLast(({ selected }) => selected !== undefined));
    return {
      round: number,
      // The last round only measures, and so did those that were the last until the stop rule was raised.
      ...(rounds !== undefined && { roundsMax: rounds + 1 + measuredBefore(history, number) }),
      labels: { added: acquiredBefore(history, number), ...(wanted !== undefined && { wanted }) },
      step: 'train',
      done: 0,
      ...(mae && { mae }),
    };
  }

  function print(row: RoundRow | undefined): void {
    if (json && row) stdout.write(`${JSON.stringify(row)}\n`);
  }

  function tell(history: CampaignHistory, round: RoundHistory): void {
    const row = roundRow(history, round);
    if (row === undefined) return;
    told.set(history.created.campaign, round.round);
    print(row);
    if (quiet) return;
    const name = armColumn(history.created.config, arms);
    line.note(`${name}${roundLine(row)}`);
    roundBeganMs = performance.now();
  }

  return {
    note,
    clear: () => line.clear(),
    begin(started, known) {
      arms = started;
      campaigns = known;
      for (const [name, history] of known) told.set(name, history.rounds.filter(({ selected }) => selected).length);
      if (started[0]?.calculator.kind === 'simulated') note(SIMULATED);
      for (const { name, stop } of started) {
        const before = told.get(name) ?? 0;
        const history = known.get(name);
        // Nothing more will come of it: who asks again wants what came.
        const isOver = history?.stopped !== undefined && sameStopRule(stop, history.stopRule);
        if (json && isOver) for (const round of history.rounds) print(roundRow(history, round));
        if (before > 0 && !isOver) note(`going on with ${name} after round ${before}`);
      }
    },
    ingesting(materials) {
      line.update({ round: 0, labels: { added: 0 }, step: 'ingest', done: materials });
    },
    progress({ campaign, round, step, done, total }) {
      const history = campaigns.get(campaign);
      if (!history || quiet) return;
      const state = stateOf(history, history.rounds[round - 1]);
      const left = timeLeft(history, done / Math.max(1, total), (performance.now() - roundBeganMs) / 1000);
      const named = step as CampaignProgressState['step'];
      line.update({ ...state, round, step: named, done, total, ...(left !== undefined && { secondsLeft: left }) });
    },
    show(now) {
      campaigns = now;
      for (const { name } of arms) {
        const history = now.get(name);
        for (const round of history?.rounds.slice(told.get(name) ?? 0) ?? []) tell(history!, round);
      }
    },
    conclude() {
      for (const { name } of arms) {
        const history = campaigns.get(name);
        if (history?.stopped) note(conclusion(history));
      }
    },
    whereWeAre() {
      const rounds = arms.map(({ name }) => ({ name, round: campaigns.get(name)?.rounds.length ?? 0 }));
      const at = rounds.filter(({ round }) => round > 0).map(({ name, round }) => `in round ${round} of ${name}`);
      return at.length > 0 ? at.join(' and ') : 'before the first round';
    },
  };
}

/** What tells an arm from the others, in a column. */
function armColumn(config: CampaignConfig, arms: readonly CampaignConfig[]): string {
  if (arms.length < 2) return '';
  const severalSeeds = arms.some(({ seed }) => seed !== config.seed);
  const byStrategy = ({ acquisition: { strategy }, seed }: CampaignConfig) =>
    severalSeeds ? `${strategy} seed ${seed}` : strategy;
  const isTold = new Set(arms.map(byStrategy)).size === arms.length;
  const nameOf = (arm: CampaignConfig) => (isTold ? byStrategy(arm) : arm.name);
  return nameOf(config).padEnd(Math.max(11, ...arms.map((arm) => nameOf(arm).length)) + 1);
}

function measuredBefore({ rounds }: CampaignHistory, round: number): number {
  return rounds.filter((one) => one.round < round && one.selected?.candidates.length === 0).length;
}

function maeOf(round: RoundHistory | undefined): TargetValues | undefined {
  const test = round?.selected?.metrics.filter(({ subset, mae }) => subset === 'test' && Number.isFinite(mae));
  return test && Object.fromEntries(test.map(({ target, mae }) => [target, mae]));
}

const SIMULATED = 'labels are SIMULATED by a formula, not calculated by DFT (calculator.kind: simulated)';

/** `quickstart is over (labels): 250 labels acquired in 11 rounds; test MAE G 14.86 -> 12.55, K 13.53 -> 10.85 GPa` */
function conclusion(history: CampaignHistory): string {
  const { created, rounds, stopped } = history;
  const [first, last] = [maeOf(rounds[0]), maeOf(rounds.at(-1))];
  const errors = created.config.targets.flatMap((target) => {
    const [before, after] = [first?.[target], last?.[target]];
    if (before === undefined || after === undefined) return [];
    const change = rounds.length > 1 ? `${before.toFixed(2)} -> ` : '';
    return [[target, `${change}${after.toFixed(2)}`] as const];
  });
  const kind = created.config.calculator.kind === 'simulated' ? 'simulated labels' : 'labels';
  const acquired = `${grouped(acquiredBefore(history, rounds.length + 1))} ${kind} acquired in ${roundCount(rounds.length)}`;
  const change = errors.length > 0 ? `; test MAE ${quantities(errors, ', ')}` : '';
  return `${created.campaign} is over (${stopped}): ${acquired}${change}`;
}

function roundCount(rounds: number): string {
  return `${rounds} ${rounds === 1 ? 'round' : 'rounds'}`;
}

function timeLeft(history: CampaignHistory, fraction: number, elapsed: number): number | undefined {
  const { stopRule: stop, created } = history;
  const { acquisition } = created.config;
  const byLabels = stop.labels === undefined ? Infinity : Math.ceil(stop.labels / acquisition.batch);
  const rounds = Math.min(byLabels, stop.rounds ?? Infinity) + 1;
  if (!Number.isFinite(rounds)) return undefined;
  const finished = history.rounds.flatMap((round) => roundSeconds(round) ?? []);
  return secondsLeft({ finished, elapsed, fraction, roundsAfter: Math.max(0, rounds - finished.length - 1) });
}
