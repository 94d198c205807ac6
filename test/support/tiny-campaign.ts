import { type CampaignFiles, type CampaignFilesOptions, writeCampaignFiles } from './campaign-files.ts';
import { type CliOptions, type CliResult, runCli } from './cli.ts';
import { MISSING_LIBRARY } from './lightgbm.ts';
import { describeUnless } from './needs.ts';

/** A real campaign that takes about two seconds, in its own folder. */
export interface TinyCampaign extends CampaignFiles {
  /** Runs `elastream run FILE --dir DIRECTORY`, or on the cluster that `args` name, with `args`; by default quiet, without tables and report. */
  run(args?: readonly string[], options?: CliOptions): Promise<CliResult>;
}

/** Writes the campaign's files; nothing runs yet. */
export function tinyCampaign(options: CampaignFilesOptions = {}): TinyCampaign {
  const files = writeCampaignFiles(options);
  return {
    ...files,
    run: (args = ['--quiet', '--no-tables', '--no-report'], cli = {}) =>
      runCli(['run', files.file, ...(args.includes('--cluster') ? [] : ['--dir', files.directory]), ...args], cli),
  };
}

/** A `describe` that needs LightGBM. */
export function describeWithLightGbm(name: string, body: () => void): void {
  describeUnless(MISSING_LIBRARY, name, body);
}
