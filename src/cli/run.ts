import { Command, InvalidArgumentError, Option } from 'commander';
import { STRATEGY_NAMES, type StrategyName } from '../learning/campaign/campaign-config.ts';
import { directoryPlaces } from './campaign/campaign-directory.ts';
import { isClusterUrl } from './cluster/cluster-url.ts';
import { writeReport } from './report/write-report.ts';
import { readCampaign } from './run/read-campaign.ts';
import { armsOf, runCampaign } from './run/run-campaign.ts';

const HELP_AFTER = `
Examples:
  elastream run campaign.yaml
  elastream run campaign.yaml --compare random        the same campaign with random choices beside it
  elastream run campaign.yaml --dir results --json | jq .test_mae

Ctrl-C finishes what is at work and stops; again stops at once. The same command goes on where it stopped,
and, with a higher limit under stop in the campaign file, also after its end.
With --json each round is one object on standard output, of a campaign that is over already all of them: campaign, round, labels, added, mae {g_vrh, k_vrh}, mae_stdev,
r2 (of the candidates not yet chosen), test_mae, test_mae_stdev, test_r2, calibration (by target and group:
scale of the STDEV, quantiles by level), uncertainty (by target, subset test, reserve or batch, and group: mean_squared_z, rank_correlation, coverage
by level, raw, scaled, conformal; docs/uncertainty.md), seconds, snapshot, selected.`;

interface RunFlags {
  readonly dir?: string;
  readonly compare: readonly StrategyName[];
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly tables: boolean;
  readonly report: boolean;
  readonly workers?: number;
  readonly keepModels?: number;
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
        .choices(STRATEGY_NAMES)
        .default([]),
    )
    .option('--json', 'one object per round on standard output')
    .option('--workers <n>', 'threads that featurize and train, each (default: the number of cores)', wholeNumber)
    .option(
      '--keep-models <n|all>',
      "newest rounds whose models are kept (default: 1; 'rebuild' trains others)",
      rounds,
    )
    .option('--no-tables', 'do not fill the tables of elastream sql')
    .option('--no-report', 'do not write report.html at the end')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP_AFTER)
    .action(run);
}

async function run(campaignFile: string, flags: RunFlags): Promise<void> {
  const { config, document } = await readCampaign(campaignFile);
  const directory = flags.dir ?? config.name;
  const { compare, tables, json = false, quiet = false, workers, keepModels } = flags;
  const request = { campaignFile, config, document, directory, compare, json, quiet, tables };
  await runCampaign({
    ...request,
    ...(workers !== undefined && { workers }),
    ...(keepModels !== undefined && { keepModels }),
  });
  if (!flags.report) return;
  const report = isClusterUrl(directory) ? `${config.name}.html` : directoryPlaces(directory).report;
  await writeReport(directory, { output: report, campaigns: armsOf(request).map(({ name }) => name) });
  if (!quiet) process.stderr.write(`report: ${report}\n`);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 256) return value;
  throw new InvalidArgumentError('give a whole number from 1 to 256');
}

function rounds(text: string): number {
  const value = text === 'all' ? Number.POSITIVE_INFINITY : Number(text);
  if (value >= 1 && (Number.isInteger(value) || text === 'all')) return value;
  throw new InvalidArgumentError("give a whole number from 1, or 'all'");
}
