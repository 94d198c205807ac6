import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { parse } from 'yaml';
import { parseCampaign } from '../../../../src/campaign-file/parse-campaign.ts';
import { CRYSTALS } from '../../../support/crystals.ts';
import { itUnless } from '../../../support/needs.ts';
import { type ProgramPlace, programPlace } from '../../../support/program-place.ts';
import { MISSING_PEERS, peerPackages } from '../../../support/python-packages.ts';

const SCRIPT = resolve('examples/command/potential_moduli.py');
const never = new AbortController().signal;

let place: ProgramPlace;
beforeEach(() => {
  place = programPlace();
});
afterEach(() => place.remove());

itUnless(
  MISSING_PEERS,
  "the example's potential gives copper's moduli, and says of which elements it has none",
  async () => {
    const { config, issues } = parseCampaign(parse(readFileSync('examples/command/potential.yaml', 'utf8')));
    expect(issues).toEqual([]);
    expect(config?.calculator).toMatchObject({ kind: 'command', method: { kind: 'potential' } });
    const argv = ['env', `PYTHONPATH=${peerPackages}`, 'python3', SCRIPT, 'emt', '{structure}'];
    const diamond = await place.calculator().run(place.job(argv), never);
    expect(diamond).toMatchObject({ retry: 'never', reason: 'EMT has no parameters of C' });
    const { structure: copper } = CRYSTALS['fcc Cu']!;
    const result = await place.calculator({}, copper).run(place.job(argv, {}, 'cu'), never);
    if (result.outcome !== 'completed') throw new Error(result.reason);
    // EMT's own copper: 134 GPa, fitted to experiment.
    expect(result.values.k_vrh).toBeGreaterThan(125);
    expect(result.values.k_vrh).toBeLessThan(145);
    const [c11, c12] = [result.tensor![0]!, result.tensor![1]!];
    expect((c11 + 2 * c12) / 3).toBeCloseTo(result.values.k_vrh!, 1);
  },
  120_000,
);
