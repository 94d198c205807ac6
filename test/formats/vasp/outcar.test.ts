import { describe, expect, it } from 'vitest';
import { OutcarReader } from '../../../src/formats/vasp/outcar.ts';
import { assertUsable, type CalculationRun } from '../../../src/model/calculation-run.ts';
import { RejectedInput } from '../../../src/model/rejection.ts';
import {
  IONIC,
  MODULI,
  MOVED,
  type OutcarText,
  outcarText,
  SYMMETRIZED,
  TOTAL,
} from '../../support/runs/outcar-text.ts';

function read(given?: OutcarText): CalculationRun {
  const reader = new OutcarReader();
  for (const line of outcarText(given).split('\n')) reader.read(line);
  return reader.end();
}

function refusal(given: OutcarText): string {
  try {
    assertUsable(read(given));
    return 'accepted';
  } catch (error) {
    if (error instanceof RejectedInput) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('the OUTCAR of a static run', () => {
  const run = read();

  it('names code and functional', () => {
    expect([run.code, run.functional]).toEqual(['VASP 6.3.2', 'PBE']);
  });

  it('gives the cell with the digits of the fractional coordinates', () => {
    expect(Array.from(run.structure.lattice.matrix)).toEqual([4, 0, 0, 0, 4, 0, 0, 0, 4]);
    expect(Array.from(run.structure.atomicNumbers)).toEqual([11, 17]);
    expect(Array.from(run.structure.fracCoords)).toEqual([0, 0, 0, 0.5, 0.5, 0.5]);
  });

  it('turns the stress from VASP order, sign and kbar: XX YY ZZ XY YZ ZX', () => {
    expect(Array.from(run.stress!)).toEqual([1, 2, 3, 5, 6, 4]);
  });

  it('gives energy and forces', () => {
    expect(run.energy).toBe(-6.5);
    expect(Array.from(run.forces!)).toEqual([0.1, 0, 0, -0.1, 0, 0]);
  });
});

describe('the elastic moduli', () => {
  it('are those with relaxed ions, in Voigt order and GPa', () => {
    const { tensor } = read({
      ibrion: 6,
      moduli: { [SYMMETRIZED]: MODULI.map(() => '1 1 1 1 1 1'), [IONIC]: MODULI, [TOTAL]: MODULI },
    });
    expect(tensor!.relaxedIon).toBe(true);
    expect([0, 7, 14, 21, 28, 35, 1].map((i) => tensor!.stiffness[i])).toEqual([200, 200, 200, 44, 55, 66, 50]);
  });

  it('are marked where the ions were held in place', () => {
    expect(read({ ibrion: 6, moduli: { [SYMMETRIZED]: MODULI } }).tensor?.relaxedIon).toBe(false);
    expect(read({ ibrion: 6, moduli: { [TOTAL]: MODULI } }).tensor?.relaxedIon).toBe(false);
  });

  it('are read where columns touch and a sign tells them apart', () => {
    const touching = ['12000.0000-10500.0000-10500.0000 0.0 0.0 0.0', ...MODULI.slice(1)];
    expect(Array.from(read({ ibrion: 6, moduli: { [TOTAL]: touching } }).tensor!.stiffness.slice(0, 3))).toEqual([
      1200, -1050, -1050,
    ]);
  });

  it.each([
    ['***** 500.0 500.0 0.0 0.0 0.0', /^bad_number: the elastic moduli: "\*{5}": the number did not fit/],
    ['2000.0500.0 500.0 0.0 0.0 0.0', /^bad_number: the elastic moduli: "2000.0500.0" is not a number/],
    ['2000.0 500.0 NaN 0.0 0.0 0.0', /^bad_number: the elastic moduli is NaN/],
    ['2000.0 500.0', /^bad_number: the elastic moduli: 2 of 6 numbers/],
  ])('are refused with %s', (row, reason) => {
    expect(refusal({ ibrion: 6, moduli: { [TOTAL]: [row, ...MODULI.slice(1)] } })).toMatch(reason);
  });
});

describe('a run of several steps', () => {
  const second = {
    lattice: ['5.0 0.0 0.0 0.2 0.0 0.0', '0.0 5.0 0.0', '0.0 0.0 5.0'],
    moved: ['0.5 0.0 0.0 0.0 0.0 0.2', '2.5 2.5 2.5 0.0 0.0 -0.2'],
    energy: '-7.25',
    stress: '0.0 0.0 0.0 0.0 0.0 0.0',
  };

  it('gives the last cell of a relaxation, which Cartesian positions tell', () => {
    const run = read({ ibrion: 2, nsw: 50, steps: [{}, second], reachedAccuracy: true });
    expect([run.energy, run.structure.lattice.volume, run.isIonicConverged]).toEqual([-7.25, 125, true]);
    expect(Array.from(run.structure.fracCoords)).toEqual([0.1, 0, 0, 0.5, 0.5, 0.5].map((x) => expect.closeTo(x, 12)));
  });

  it('gives the undistorted cell of finite differences', () => {
    const run = read({ ibrion: 6, nsw: 1, steps: [{}, second] });
    expect([run.energy, run.structure.lattice.volume]).toEqual([-6.5, 64]);
    expect(Array.from(run.stress!)).toEqual([1, 2, 3, 5, 6, 4]);
    expect(Array.from(run.forces!)).toEqual([0.1, 0, 0, -0.1, 0, 0]);
  });

  it('is refused if the last step is not converged, and of finite differences if any is not', () => {
    const open = { ...second, ending: 'not reached' } as const;
    const silent = { ...second, ending: 'none' } as const;
    expect(refusal({ ibrion: 2, nsw: 50, steps: [{}, open], reachedAccuracy: true })).toMatch(
      /^unconverged: the electrons/,
    );
    expect(refusal({ ibrion: 2, nsw: 50, steps: [open, {}], reachedAccuracy: true })).toBe('accepted');
    expect(refusal({ ibrion: 6, steps: [{}, silent, {}] })).toMatch(/^unconverged: the electrons/);
  });

  it('is refused if it ran out of steps', () => {
    expect(refusal({ ibrion: 2, nsw: 50, steps: [{}, second] })).toMatch(/^unconverged: the relaxation/);
  });

  it('does not mind numbers that overflow on the way', () => {
    const wild = { ...second, moved: ['**** **** **** 0 0 0', '0 0 0 0 0 0'], energy: '*********' };
    expect(refusal({ ibrion: 2, nsw: 50, steps: [wild, second], reachedAccuracy: true })).toBe('accepted');
  });
});

describe('an OUTCAR is refused', () => {
  it.each<[string, OutcarText, RegExp]>([
    ['that does not end', { isFinished: false }, /^unfinished: the VASP 6.3.2 run did not come to its end/],
    [
      'that ends before the first step',
      { steps: [], isFinished: false, lattice: [], potcars: [] },
      /^(?:unfinished|missing_field)/,
    ],
    ['of a run that was told to stop', { extra: [' soft stop encountered!  aborting job ...'] }, /^unfinished/],
    ['whose NIONS is too large', { ions: 20_001 }, /^too_many_sites/],
    [
      'whose counts do not add up',
      { perType: '1  2' },
      /^missing_field: 2 POTCARs, 2 numbers of ions per type with sum 3, NIONS 2/,
    ],
    ['of no element', { potcars: ['PAW_PBE Aa 01Jan2000', 'PAW_PBE Cl 06Sep2000'] }, /^unknown_element/],
    ['with a flat cell', { lattice: ['1 0 0', '2 0 0', '0 0 1'] }, /^bad_lattice/],
    ['with a zero cell', { lattice: ['0 0 0', '0 0 0', '0 0 0'] }, /^bad_lattice/],
    ['with an energy that overflows', { steps: [{ energy: '**********' }] }, /^bad_number: the energy/],
    ['with a stress that is NaN', { steps: [{ stress: 'NaN NaN NaN NaN NaN NaN' }] }, /^bad_number: the stress is NaN/],
    ['without a loop that ends', { steps: [{ ending: 'none' }] }, /^unconverged/],
  ])('%s', (_, given, reason) => expect(refusal(given)).toMatch(reason));
});

describe('the functional', () => {
  it.each([
    [{ gga: 'PS' }, 'PBEsol'],
    [{ gga: 'RP' }, 'RPBE'],
    [{ gga: 'BO', extra: ['   LUSE_VDW   =     T    switch on vdW DFT'] }, 'optB88-vdW'],
    [{ extra: ['  LDA+U is selected, type is set to LDAUTYPE =  2'] }, 'PBE+U'],
    [{ extra: ['   IVDW    =    12'] }, 'PBE-D3(BJ)'],
    [{ extra: ['   METAGGA= R2SCAN      '] }, 'r2SCAN'],
    [{ extra: ['   LHFCALC =     T', '   AEXX    =    0.2500', '   HFSCREEN=    0.2000'] }, 'HSE06'],
  ])('of %j is %s', (given, functional) =>
    expect(read({ steps: [{ moved: MOVED }], ...given }).functional).toBe(functional),
  );
});
