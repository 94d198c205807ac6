import { describe, it } from 'vitest';
import { type CampaignFiles, type CampaignFilesOptions, writeCampaignFiles } from './campaign-files.ts';
import { type CliOptions, type CliResult, runCli } from './cli.ts';
import { library } from './lightgbm.ts';

/** A real campaign that is over in about two seconds, in a folder of its own. */
export interface TinyCampaign extends CampaignFiles {
  /** `elastream run FILE --dir DIRECTORY` with `args`; unless told quiet, without tables and report. */
  run(args?: readonly string[], options?: CliOptions): Promise<CliResult>;
}

/** Writes the campaign; nothing runs yet. */
export function tinyCampaign(options: CampaignFilesOptions = {}): TinyCampaign {
  const files = writeCampaignFiles(options);
  return {
    ...files,
    run: (args = ['--quiet', '--no-tables', '--no-report'], cli = {}) =>
      runCli(['run', files.file, '--dir', files.directory, ...args], cli),
  };
}

/** A `describe` that needs LightGBM: without it one skipped test that says so; with ELASTREAM_CI set, a failure. */
export function describeWithLightGbm(name: string, body: () => void): void {
  if (library !== undefined) {
    describe(name, body);
    return;
  }
  const remedy = "LightGBM's library is not there: 'elastream doctor' fetches it";
  if (process.env.ELASTREAM_CI === undefined) it.skip(`${name} (skipped: ${remedy})`);
  else {
    it(name, () => {
      throw new Error(`${remedy}; CI must have it (unset ELASTREAM_CI to skip)`);
    });
  }
}
