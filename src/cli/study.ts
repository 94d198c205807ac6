import { Command } from 'commander';
import { matbenchCommand } from './study/matbench-command.ts';

/** `elastream study`: published studies and benchmarks, run again. */
export function studyCommand(): Command {
  const study = new Command('study')
    .summary('run a published study or benchmark')
    .description('Runs a published study or benchmark, and sets its numbers beside the published ones.');
  study.addCommand(matbenchCommand());
  return study;
}
