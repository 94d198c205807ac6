import { describe, expect, it } from 'vitest';
import { readRun } from '../../../src/adapters/sources/files/read-run.ts';
import { assertUsable, type CalculationRun } from '../../../src/model/calculation-run.ts';
import { RejectedInput } from '../../../src/model/rejection.ts';
import { type VasprunText, vasprunText, vectors } from '../../support/runs/vasprun-text.ts';

/** In pieces of 1,000 bytes, so that no token is safe from being cut. */
async function read(text: string): Promise<CalculationRun> {
  const bytes = Buffer.from(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
  }
  return readRun('vasprun', pieces(), 'm');
}

async function refusal(text: string): Promise<string> {
  try {
    assertUsable(await read(text));
    return 'accepted';
  } catch (error) {
    if (error instanceof RejectedInput) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('a vasprun.xml', () => {
  it('gives structure, energy, stress and forces in our units and signs', async () => {
    const run = await read(vasprunText());
    expect([run.code, run.functional, run.energy]).toEqual(['VASP 6.3.2', 'PBE', -6.5]);
    expect(Array.from(run.structure.atomicNumbers)).toEqual([11, 17]);
    expect(Array.from(run.structure.fracCoords)).toEqual([0, 0, 0, 0.5, 0.5, 0.5]);
    expect(Array.from(run.stress!)).toEqual([1, 2, 3, 5, 6, 4]);
    expect(Array.from(run.forces!)).toEqual([0.1, 0, 0, -0.1, 0, 0]);
  });

  it('adds dispersion corrections to the energy and takes p V from it', async () => {
    const corrected = await read(vasprunText({ steps: [{ energy: '-6.5', total: '-6.75' }] }));
    expect(corrected.energy).toBeCloseTo(-6.75, 12);
    // 64 Angstrom^3 at 25 kbar.
    const pressed = await read(vasprunText({ tags: { PSTRESS: '25.0' }, steps: [{ energy: '-6.5', total: '-5.5' }] }));
    expect(pressed.energy).toBeCloseTo(-5.5 - (2.5 * 64) / 160.2176634, 12);
  });

  it('counts the electronic steps of the crystal, not those of its linear response', async () => {
    const tags = { IBRION: '8', NSW: '1', NELM: '10' };
    const run = await read(vasprunText({ tags, steps: [{ responseSteps: 30 }] }));
    expect([run.energy, run.isElectronicConverged]).toEqual([-6.5, true]);
  });

  it('gives the last step of a relaxation and the first of finite differences', async () => {
    const steps = [{}, { basis: vectors('5.0 0 0', '0 5.0 0', '0 0 5.0'), energy: '-7.0' }];
    const relaxed = await read(vasprunText({ tags: { IBRION: '2', NSW: '50' }, steps }));
    expect([relaxed.energy, relaxed.structure.lattice.volume, relaxed.initialStructure!.lattice.volume]).toEqual([
      -7, 125, 64,
    ]);
    const strained = await read(vasprunText({ tags: { IBRION: '6', NSW: '1' }, steps }));
    expect([strained.energy, strained.structure.lattice.volume]).toEqual([-6.5, 64]);
  });

  it('may overflow where nothing depends on it', async () => {
    const wild = { positions: vectors('*** *** ***', '0 0 0'), energy: '*********' };
    expect(await refusal(vasprunText({ tags: { IBRION: '2', NSW: '50' }, steps: [wild, {}] }))).toBe('accepted');
  });

  it.each<[string, VasprunText, RegExp]>([
    ['unconverged electrons', { tags: { NELM: '5' } }, /^unconverged: the electrons/],
    ['a relaxation out of steps', { tags: { IBRION: '2', NSW: '2' }, steps: [{}, {}] }, /^unconverged: the relaxation/],
    ['no step', { steps: [] }, /^unfinished/],
    ['an end in the middle', { end: '' }, /^truncated: the XML ends inside <modeling>/],
    ['an energy of stars', { steps: [{ energy: '*******' }] }, /^bad_number: the energy/],
    ['positions of stars', { steps: [{ positions: vectors('*** 0 0', '0 0 0') }] }, /^bad_number: the position/],
    [
      'a stress that is NaN',
      { steps: [{ stress: vectors('NaN 0 0', '0 0 0', '0 0 0') }] },
      /^bad_number: the stress is NaN/,
    ],
    ['a position too few', { steps: [{ positions: vectors('0 0 0') }] }, /^missing_field: 1 positions for 2 atoms/],
    ['a flat cell', { steps: [{ basis: vectors('1 0 0', '2 0 0', '0 0 1') }] }, /^bad_lattice/],
    ['an unknown element', { atoms: ['Aa', 'Cl'] }, /^unknown_element/],
    ['a DOCTYPE', { prolog: '<!DOCTYPE m [<!ENTITY a "aaaa">]>' }, /^unsupported_format: the XML has a DOCTYPE/],
    [
      'an entity of its own',
      { inside: '<i name="SYSTEM">&a;</i>' },
      /^bad_syntax: not valid XML: Invalid character entity/,
    ],
    ['elements too deep', { inside: '<a>'.repeat(1e5) }, /^too_large: elements are nested over 64/],
    [
      'too many attributes',
      { inside: `<a ${Array.from({ length: 99 }, (_, i) => `a${i}=""`).join(' ')}/>` },
      /^too_large: an element has over 64/,
    ],
    ['an endless name', { inside: `<${'a'.repeat(1e6)}/>` }, /^too_large: a name, attribute or comment/],
    [
      'an endless number',
      {
        inside: `<i name="x">${'1'.repeat(1e6)}</i><structure name="finalpos"><varray name="basis"><v>${'1'.repeat(5e6)}</v></varray></structure>`,
      },
      /^too_large: <v> has an absurdly long text/,
    ],
  ])('with %s is refused', async (_, given, reason) => expect(await refusal(vasprunText(given))).toMatch(reason));
});
