import { Command, InvalidArgumentError, Option } from 'commander';
import { COMPARED_STRATEGIES, type ComparedStrategy } from '../learning/campaign/campaign-config.ts';
import { directoryPlaces } from './campaign/campaign-directory.ts';
import { isClusterUrl } from './cluster/cluster-url.ts';
import { writeReport } from './report/write-report.ts';
import { armsOf } from './run/arms.ts';
import { readCampaign } from './run/read-campaign.ts';
import { runCampaign } from './run/run-campaign.ts';
import { keptRounds, threads } from './run/run-options.ts';

const HELP_AFTER = `
Examples:
  elastream run campaign.yaml
  elastream run campaign.yaml --compare random        the same campaign with random choices beside it
  elastream run campaign.yaml --compare random,ei --seeds 5   fifteen campaigns, in the report a band per strategy
  elastream run campaign.yaml --dir results --json | jq .test_mae

Ctrl-C finishes what is at work and stops; again stops at once. The same command goes on where it stopped,
and, with a higher limit under stop in the campaign file, also after its end.
With calculator.kind: manual it ends, with code 0, where the campaign waits for you: 'elastream ask' says for what,
'elastream tell' takes the results, and the same command goes on. With --wait it goes on as soon as they are told.
With --json each round is one object on standard output, of a campaign that is over already all of them: campaign, round, labels, added, mae {g_vrh, k_vrh}, mae_stdev,
r2 (of the candidates not yet chosen), test_mae, test_mae_stdev, test_r2, calibration (by target and group:
scale of the STDEV, quantiles by level), uncertainty (by target, subset test, reserve or batch, and group: mean_squared_z, rank_correlation, coverage
by level, raw, scaled, conformal; docs/uncertainty.md), seconds, snapshot, selected.`;

interface RunFlags {
  readonly dir?: string;
  readonly compare: readonly ComparedStrategy[];
  readonly seeds: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly tables: boolean;
  readonly report: boolean;
  readonly workers?: number;
  readonly keepModels?: number;
  readonly wait?: true;
}

/** `elastream run CAMPAIGN.yaml`: the main job. */
export function runCommand(): Command {
  return new Command('run')
    .summary('run a campaign, or go on with it')
    .description('Runs a campaign: trains the ensemble, chooses calculations, has them done, and goes round again.')
    .argument('<campaign.yaml>', "a campaign file, as 'elastream init' writes one")
    .option('--dir <dir>', "where the campaign's log, models and tables are kept (default: the campaign's name)")
    .addOption(
      new Option('--compare <strategy...>', 'run the same campaign with these strategies beside it')
        .choices(COMPARED_STRATEGIES)
        .argParser(strategies)
        .default([]),
    )
    .option('--seeds <n>', "run each strategy with so many seeds, counted on from the campaign's", seeds, 1)
    .option('--json', 'one object per round on standard output')
    .option('--workers <n>', 'threads that featurize and train, each (default: the number of cores)', threads)
    .option(
      '--keep-models <n|all>',
      "newest rounds whose models are kept (default: 1; 'rebuild' trains others)",
      keptRounds,
    )
    .option('--wait', 'with calculator.kind: manual, wait for results instead of ending')
    .option('--no-tables', 'do not fill the tables of elastream sql')
    .option('--no-report', 'do not write report.html at the end')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP_AFTER)
    .action(run);
}

async function run(campaignFile: string, flags: RunFlags): Promise<void> {
  const { config, document } = await readCampaign(campaignFile);
  const directory = flags.dir ?? config.name;
  const { compare, seeds, tables, json = false, quiet = false, wait = false, workers, keepModels } = flags;
  const arms = armsOf({ config, document, compare, seeds });
  const request = { campaignFile, arms, directory, json, quiet, tables, wait };
  const asking = await runCampaign({
    ...request,
    ...(workers !== undefined && { workers }),
    ...(keepModels !== undefined && { keepModels }),
  });
  if (flags.report) {
    const report = isClusterUrl(directory) ? `${config.name}.html` : directoryPlaces(directory).report;
    await writeReport(directory, { output: report, campaigns: arms.map((arm) => arm.config.name) });
    if (!quiet) process.stderr.write(`report: ${report}\n`);
  }
  // Last, because it is what there is to do.
  if (!quiet) for (const line of asking) process.stderr.write(`${line}\n`);
}

/** `random,ei`, or one by one. */
function strategies(text: string, before: readonly ComparedStrategy[] = []): ComparedStrategy[] {
  const named = text.split(',').map((name) => {
    const strategy = COMPARED_STRATEGIES.find((one) => one === name.trim());
    if (strategy !== undefined) return strategy;
    throw new InvalidArgumentError(`Allowed choices are ${COMPARED_STRATEGIES.join(', ')}.`);
  });
  return [...before, ...named];
}

function seeds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 100) return value;
  throw new InvalidArgumentError('give a whole number from 1 to 100');
}
