import { Command } from 'commander';
import { type Colour, styleOf, wrapped } from '../text/text-style.ts';
import { checkCalculator } from './doctor/check-calculator.ts';
import { checkChdb } from './doctor/check-chdb.ts';
import { checkLightGbm } from './doctor/check-lightgbm.ts';
import { checkCores, checkDisk, checkFolder, checkMemory, checkNode } from './doctor/check-machine.ts';
import type { Finding } from './doctor/finding.ts';
import { readCampaign } from './run/read-campaign.ts';

const HELP_AFTER = `
Examples:
  elastream doctor
  elastream doctor --dir campaigns/
  elastream doctor --campaign campaign.yaml
  elastream doctor --json | jq '.[] | select(.state != "ok")'

Fetches LightGBM's library with pip if it is not there yet; LIGHTGBM_LIBRARY names one to take instead.

Exit codes:
  0  all is there; a warning names something that is left out without harm
  1  something is missing`;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Checks that this machine has what elastream needs, and says what is missing.')
    .option('--dir <dir>', 'the folder where campaigns will be kept', '.')
    .option('--campaign <file>', 'a campaign file, whose program and queue are looked for too')
    .option('--json', 'one array of {part, ok, state, message}; ok is false where the state is missing')
    .addHelpText('after', HELP_AFTER)
    .action(async ({ dir, campaign, json }: { dir: string; campaign?: string; json?: true }) => {
      const calculator = campaign === undefined ? undefined : (await readCampaign(campaign)).config.calculator;
      const findings = [
        checkNode(process.versions.node),
        await checkLightGbm(),
        await checkChdb(),
        checkCores(),
        checkMemory(),
        await checkFolder(dir),
        await checkDisk(dir),
        ...(calculator ? await checkCalculator(calculator, process.env.PATH ?? '') : []),
      ].map(({ part, state, message }) => ({ part, ok: state !== 'missing', state, message }));
      process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : findings.map(asLine).join(''));
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}

const WORDS: Readonly<Record<Finding['state'], string>> = { ok: 'ok', warning: 'warning', missing: 'MISSING' };

const COLOURS: Readonly<Record<Finding['state'], Colour>> = { ok: 'green', warning: 'yellow', missing: 'red' };

function asLine({ part, state, message }: Finding): string {
  const { columns, paint } = styleOf(process.stdout);
  const word = WORDS[state].padEnd(9);
  const line = wrapped(`${word}${part.padEnd(10)}${message}`, columns, 19);
  return `${paint(COLOURS[state], word)}${line.slice(word.length)}\n`;
}
