import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { CampaignStatus } from '../../src/reading/campaign-status.ts';
import type { Predictor, StructurePrediction } from '../../src/reading/structure-prediction.ts';
import { predictionTable } from '../../src/text/prediction-text.ts';
import { statusText } from '../../src/text/status-text.ts';
import { cliMain } from '../support/cli.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));
const NARROW = { columns: 60, paint: (_: string, text: string) => text };
const tooLong = (text: string) => text.split(/\r?\n/).filter((line) => line.length > 60);

/** In a terminal of 60 columns, as util-linux's script makes one. Nothing else of the environment decides on colours (CI, COLORTERM). */
function inTerminal(args: string, environment: Readonly<Record<string, string>> = {}): string {
  const command = `stty cols 60; "${process.execPath}" "${cliMain()}" ${args}`;
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm-256color', ...environment };
  return spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', env, cwd: FIXTURES }).stdout;
}

it('colours what went wrong, and nothing with NO_COLOR', () => {
  expect(inTerminal('status nowhere')).toContain('\u001b[31melastream\u001b[39m: nowhere holds no campaign');
  expect(inTerminal('status nowhere', { NO_COLOR: '1' })).toMatch(/^elastream: nowhere holds no campaign/);
});

it('prints a tensor within 60 columns', () => {
  const text = inTerminal('tensor silicon-tensor.txt');
  expect(text).toContain('Bulk modulus K');
  expect(tooLong(text)).toEqual([]);
});

it('prints predictions within 60 columns, one below the other', () => {
  const some = { mean: 123.456, stdev: 7.891 };
  const prediction = {
    ...{ id: 'a-material-of-a-long-name', formula: 'Na3Zr2Si2PO12' },
    targets: new Map([
      ['g_vrh', some],
      ['k_vrh', some],
    ]),
    calibrated: new Map(),
    domain: { isOutside: true, newElements: [84], outOfRange: [], notKnown: [0, 1, 2, 3] },
  } as unknown as StructurePrediction;
  const predictor = { campaign: 'quickstart', round: 11, members: 20, labels: 587, simulated: 0 } as Predictor;
  const wide = predictionTable([prediction], predictor);
  const narrow = predictionTable([prediction], predictor, NARROW);
  expect(tooLong(wide)).not.toEqual([]);
  expect(tooLong(narrow)).toEqual([]);
  expect(narrow).toContain('\na-material-of-a-long-name  Na3Zr2Si2PO12\n  G (GPa)         123.5 ± 7.9\n');
  expect(narrow).toContain('\n  H Tian (GPa)    n/a\n  ! outside the training domain:');
});

it('prints a status within 60 columns', () => {
  const perTarget = { g_vrh: 12.55, k_vrh: 10.85 };
  const status = {
    ...{ campaign: 'quickstart', state: 'parked', parked_reason: 'the model store is full '.repeat(5).trim() },
    ...{ stop_reason: null, pid: null, round: 11, labels: { added: 250, wanted: 250 }, pool_left: 350 },
    ...{ members: { trained: 20, total: 20 }, calculations: { labelled: 0, pending: 0, failed: 0 } },
    last_round: {
      ...{ round: 11, labels: 587, added: 250, test_mae: perTarget, mae: perTarget, seconds: 1.7 },
      ...{ calibration: [], uncertainty: [] },
    },
    ...{ rejections: { bad_number: 3, missing_field: 17, duplicate_id: 4, too_many_sites: 9 }, alarms: [] },
    stops: [
      { rule: 'mae', target: 'g_vrh', value: 9.4321, limit: 8 },
      { rule: 'mae', target: 'k_vrh', value: 12.345, limit: 11 },
      { rule: 'unimproved', target: null, value: 3, limit: 5 },
    ],
  } as unknown as CampaignStatus;
  const narrow = statusText([status], NARROW);
  expect(tooLong(narrow)).toEqual([]);
  expect(narrow.replace(/\s+/g, ' ')).toBe(statusText([status]).replace(/\s+/g, ' '));
});
