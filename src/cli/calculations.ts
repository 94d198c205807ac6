import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type RunView, viewAttempt } from '../adapters/calculators/programs/attempt-view.ts';
import { CALCULATION_STATES, createCalculationList, type ListedCalculation } from '../reading/calculation-list.ts';
import { TOPICS } from '../reading/campaign-log.ts';
import { readToEnd } from '../reading/read-to-end.ts';
import { grouped } from '../text/progress-text.ts';
import { styleOf, wrapped } from '../text/text-style.ts';
import { openCampaignLog } from './campaign/campaign-directory.ts';
import { isClusterUrl } from './cluster/cluster-url.ts';

const HELP_AFTER = `
Each calculation that campaigns have asked for: its state, its attempts, what it has used, and why it failed. Of those that
are at work also node, job, when their time is over at the latest and, with --log, what they printed last, as far as the
folder of their runs can be read from here (for a cluster where ELASTREAM_RUN_DIR names it).
With --json one object per calculation: calculationId, materialId, state, attempt, attemptsMax, failures, coreSeconds,
reason, requestedAt, endedAt, runs.

Examples:
  elastream calculations --dir my-campaign
  elastream calculations --dir my-campaign --state abandoned
  elastream calculations --dir my-campaign --material mp-149 --log 20
  elastream calculations --cluster grpc://127.0.0.1:7400 --json | jq -r 'select(.state == "open") | .materialId'`;

interface CalculationsFlags {
  readonly state?: string;
  readonly material?: string;
  readonly log: number;
  readonly json?: true;
}

type Shown = ListedCalculation & { readonly runs: readonly RunView[] };

/** `elastream calculations --dir DIR`: what is calculated, where, and what came of it. */
export function calculationsCommand(): Command {
  return new Command('calculations')
    .summary('what is calculated: state, attempts, where it runs, core-hours, why it failed')
    .description('Lists the calculations of a directory or a cluster.')
    .argument('<dir>')
    .addOption(new Option('--state <state>', 'those in this state alone').choices(CALCULATION_STATES))
    .option('--material <id>', 'those of this material alone')
    .option('--log <n>', 'last lines of what those at work, or those of --material, have printed', lineCount, 0)
    .option('--json', 'one object per calculation on standard output')
    .addHelpText('after', HELP_AFTER)
    .action(listCalculations);
}

async function listCalculations(
  place: string,
  { state, material, log: lines, json }: CalculationsFlags,
): Promise<void> {
  const all = await readCalculations(place);
  const wanted = all.filter(
    (one) => (state === undefined || one.state === state) && (material === undefined || one.materialId === material),
  );
  const base = isClusterUrl(place) ? process.env.ELASTREAM_RUN_DIR : resolve(place, 'runs');
  const shown: Shown[] = [];
  for (const one of wanted) {
    const isAtWork = one.state === 'open' || material !== undefined;
    shown.push({ ...one, runs: isAtWork && base !== undefined ? await viewAttempt(base, one, lines) : [] });
  }
  if (json) {
    process.stdout.write(shown.map((one) => `${JSON.stringify(one)}\n`).join(''));
    return;
  }
  const { columns } = styleOf(process.stdout);
  process.stdout.write(`${[summary(all), ...shown.flatMap((one) => linesOf(one, columns))].join('\n')}\n`);
}

async function readCalculations(place: string): Promise<ListedCalculation[]> {
  const log = openCampaignLog(place);
  try {
    const list = createCalculationList(TOPICS);
    await readToEnd(log, list);
    return list.all();
  } finally {
    await log.close();
  }
}

function summary(all: readonly ListedCalculation[]): string {
  if (all.length === 0) return 'no calculation has been asked for yet';
  const counts = CALCULATION_STATES.flatMap((state) => {
    const count = all.filter((one) => one.state === state).length;
    return count > 0 ? [`${grouped(count)} ${state}`] : [];
  });
  const seconds = all.reduce((sum, one) => sum + one.coreSeconds, 0);
  return `${counts.join(', ')}; ${coreHours(seconds)} core-hours`;
}

function linesOf(one: Shown, columns: number): string[] {
  const { state, materialId, attempt, attemptsMax, failures, runs, coreSeconds, calculationId, reason } = one;
  const word = state === 'open' ? (runs.some((run) => run.state === 'running') ? 'running' : 'waiting') : state;
  const head = `${word.padEnd(10)} ${materialId}  attempt ${attempt} of ${attemptsMax}  ${coreHours(coreSeconds)} core-hours  ${calculationId.slice(3, 15)}`;
  const last = failures.at(-1);
  const why = reason ?? (last && `attempt ${last.attempt} failed: ${last.reason}`);
  return [
    head,
    ...(why === undefined ? [] : [wrapped(`  ${why}`, columns, 2)]),
    ...runs.flatMap((run) => [`  ${runText(run)}`, ...run.log.map((line) => `    | ${line}`)]),
  ];
}

function runText({ name, state, node, jobId, endsBy, exitCode, folder }: RunView): string {
  const where = [node && `on ${node}`, jobId && `job ${jobId}`].filter(Boolean).join(', ');
  const when = endsBy === undefined ? '' : `, ends by ${endsBy}`;
  const how = exitCode === undefined ? '' : ` with code ${exitCode}`;
  return `${name} ${state}${how}${where && ` ${where}`}${when}  ${folder}`;
}

function coreHours(seconds: number): string {
  return (seconds / 3_600).toFixed(2);
}

function lineCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 1_000) return value;
  throw new InvalidArgumentError('Give a whole number from 0 to 1000.');
}
