import { Command, InvalidArgumentError, Option } from 'commander';
import { STUDY_PRESETS, type StudyPreset } from '../learning/study/paper-study.ts';
import { threads } from './run/run-options.ts';
import { matbenchCommand } from './study/matbench-command.ts';
import { runPaperStudy } from './study/run-paper-study.ts';

const PAPER_HELP = `
Runs the study of Jo, Choi, Kim and Min as campaigns in one directory, and sets every number beside the paper's:
what the filters leave of the data (Fig. 2), feature sets and importances (Fig. 3), sampling models (Fig. 4) and their
threshold (S3), uncertainty of the candidates (Fig. 5), exploration against random (Figs. 6, 7) and batch sizes (S4).
The data are labelled structures in any form that 'elastream run' reads. --preset short takes minutes on the data in
examples/; --preset full has the paper's pool and batches, and takes many hours on 10,000 materials.

Ctrl-C finishes what is at work and stops; the same command goes on where it stopped.
In the directory: study.html (tables and figures), study.json, study.csv, loops.csv (every round of every loop) and
report.html (exploration against random). With --json study.json is written to standard output too.

Examples:
  elastream study paper --data examples/elastic-tensor-2015.jsonl.gz --dir study
  elastream study paper --data mp-elastic.jsonl.gz --dir study --preset full --members 20
  elastream study paper --data mine.jsonl --dir study --focus Li --json | jq '.rows[]'`;

interface PaperFlags {
  readonly data: string;
  readonly dir: string;
  readonly members: number;
  readonly preset: StudyPreset;
  readonly focus: string;
  readonly seed: number;
  readonly workers?: number;
  readonly json?: true;
  readonly quiet?: true;
}

/** `elastream study paper`: published studies, run again. */
export function studyCommand(): Command {
  const study = new Command('study')
    .summary('run a published study or benchmark')
    .description('Runs a published study or benchmark, and sets its numbers beside the published ones.');
  study.addCommand(paperCommand());
  study.addCommand(matbenchCommand());
  return study;
}

function paperCommand(): Command {
  return new Command('paper')
    .summary('the study of Jo, Choi, Kim and Min')
    .description('Runs the whole study of the paper whose method elastream follows.')
    .requiredOption('--data <file>', 'labelled structures')
    .requiredOption('--dir <dir>', 'where the study is kept')
    .option('--members <n>', 'members of each ensemble, the random states of the paper', whole(2, 1_000), 20)
    .addOption(new Option('--preset <preset>', 'how much of it').choices(STUDY_PRESETS).default('short'))
    .option('--focus <element>', 'the element that the study is about', 'Na')
    .option('--seed <n>', 'of every draw', whole(0, 2 ** 31 - 1), 1)
    .option('--workers <n>', 'threads that featurize and train, each (default: the number of cores)', threads)
    .option('--json', 'the results on standard output')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', PAPER_HELP)
    .action(({ dir, ...flags }: PaperFlags) => runPaperStudy({ directory: dir, ...flags }));
}

function whole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`give a whole number from ${min} to ${max}`);
  };
}
