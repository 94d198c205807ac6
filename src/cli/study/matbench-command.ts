import { Command, InvalidArgumentError, Option } from 'commander';
import { FEATURE_SETS } from '../../featurizers/feature-schema.ts';
import { BOOSTER_PRESETS, type BoosterPreset } from '../../model/booster-config.ts';
import { duration, grouped } from '../../text/progress-text.ts';
import { createTerminalLine } from '../../text/terminal-line.ts';
import { secondsLeft } from '../../text/time-left.ts';
import { listenForInterruption } from '../interruption.ts';
import { type MatbenchOptions, type MatbenchProgress, runMatbench } from './matbench.ts';
import { matbenchJson, matbenchText } from './matbench-text.ts';

const MATBENCH_HELP = `
The data are materials with g_vrh and k_vrh in GPa, as 'elastream run' reads them. The folds are lines of
{"material_id", "fold_g", "fold_k", "rf_log_g", "rf_log_k"}: the official test folds of Matbench's log_gvrh and log_kvrh,
and what its published random forest says of each material. Every fold is predicted by models that were trained on the
others, and compared with the published predictions of the very same rows.

What is done is kept in --dir: the same command goes on after Ctrl-C or a crash, and shows the result again once done.

Examples:
  elastream study matbench --data mp-elastic.jsonl.gz --folds matbench-folds.jsonl.gz
  elastream study matbench --data mp-elastic.jsonl.gz --folds matbench-folds.jsonl.gz --preset balanced --json

Exit codes:
  0    done
  1    a failure of elastream or of this machine
  2    the command line or the input is wrong
  130  interrupted`;

interface MatbenchFlags extends MatbenchOptions {
  readonly json?: true;
  readonly quiet?: true;
}

/** `elastream study matbench`: the official folds, beside the published random forest. */
export function matbenchCommand(): Command {
  return new Command('matbench')
    .description("Matbench's shear and bulk moduli on the official folds, beside its random forest.")
    .requiredOption('--data <file>', 'materials with their moduli')
    .requiredOption('--folds <file>', 'the fold of each material, JSON lines, also .gz')
    .option('--dir <dir>', 'where what is done is kept', 'matbench-study')
    .addOption(
      new Option('--preset <name>', 'booster settings')
        .choices(Object.keys(BOOSTER_PRESETS))
        .default('accurate' satisfies BoosterPreset),
    )
    .addOption(new Option('--features <set>', 'feature set').choices(FEATURE_SETS).default('paper+g'))
    .option('--members <n>', 'models per fold and target', wholeNumber(1, 1000), 6)
    .option('--seed <n>', 'of every random choice', wholeNumber(0, 2 ** 31 - 1), 1)
    .option('--workers <n>', 'models that train at a time; by default as many as there are cores', wholeNumber(1, 256))
    .option('--json', 'one JSON object instead of a table')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', MATBENCH_HELP)
    .action(matbench);
}

async function matbench({ json, quiet, ...options }: MatbenchFlags): Promise<void> {
  const abort = new AbortController();
  const interruption = listenForInterruption(() => abort.abort());
  const line = createTerminalLine(process.stderr);
  try {
    const shown = !quiet && process.stderr.isTTY;
    const result = await runMatbench(options, shown ? progressOn(line) : SILENT, abort.signal);
    line.clear();
    process.stdout.write(json ? matbenchJson(result, options) : matbenchText(result, options));
  } finally {
    line.clear();
    interruption.dispose();
  }
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

const SILENT: MatbenchProgress = { onMaterials: () => {}, onMembers: () => {} };

function progressOn(line: ReturnType<typeof createTerminalLine>): MatbenchProgress {
  let begun: { readonly ms: number; readonly done: number } | undefined;
  return {
    onMaterials: (count) => line.show(() => `${grouped(count)} materials featurized`, performance.now()),
    onMembers(done, all) {
      const now = performance.now();
      begun ??= { ms: now, done };
      const fraction = all > begun.done ? (done - begun.done) / (all - begun.done) : 1;
      const left = secondsLeft({ finished: [], elapsed: (now - begun.ms) / 1000, fraction, roundsAfter: 0 });
      const time = left === undefined ? '' : `, ${duration(1000 * left)} left`;
      line.show(() => `${grouped(done)} of ${grouped(all)} models trained${time}`, now);
    },
  };
}
