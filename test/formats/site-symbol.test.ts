import { describe, expect, it } from 'vitest';
import { siteAtomicNumber, speciesAtomicNumber } from '../../src/formats/site-symbol.ts';
import { elementSymbol } from '../../src/model/element-symbols.ts';

describe('site labels and type symbols of a CIF', () => {
  it.each([
    ['Fe', 'Fe'],
    ['Fe1', 'Fe'],
    ['FE1A', 'Fe'],
    ['Fe3+', 'Fe'],
    ['O2-', 'O'],
    ['Co3', 'Co'],
    ['Po4', 'Po'],
    ['Xe1', 'Xe'],
    ['Ow1', 'O'],
    ['H1', 'H'],
    ['D1', 'H'],
    ['T', 'H'],
    ['Cval', 'C'],
    ['Sival', 'Si'],
    ['Cl(2)', 'Cl'],
    ['V1', 'V'],
  ])('%s is %s', (label, symbol) => {
    expect(elementSymbol(siteAtomicNumber(label, 'label'))).toBe(symbol);
  });

  it.each([
    ['X1', 'dummy_site'],
    ['Va', 'dummy_site'],
    ['Vac1', 'dummy_site'],
    ['Du', 'dummy_site'],
    ['Q12', 'dummy_site'],
    ['Wat1', 'unknown_element'],
    ['OH2', 'unknown_element'],
    ['NO3', 'unknown_element'],
    ['T1', 'unknown_element'],
    ['M1', 'unknown_element'],
    ['1', 'unknown_element'],
    ['', 'unknown_element'],
    ['F'.repeat(100), 'unknown_element'],
    ['Nb,Zr', 'partial_occupancy'],
    ['0.8Nb + 0.2Zr', 'partial_occupancy'],
  ])('%s is refused as %s', (label, code) => {
    expect(() => siteAtomicNumber(label, 'label')).toThrow(expect.objectContaining({ code }));
  });
});

describe('species', () => {
  it.each([
    ['Na', 'Na'],
    ['Na+', 'Na'],
    ['Fe3+', 'Fe'],
    ['Fe2.5+', 'Fe'],
    ['O2-', 'O'],
    ['Cl-1', 'Cl'],
    ['D', 'H'],
    ['T', 'H'],
  ])('%s is %s', (species, symbol) => {
    expect(elementSymbol(speciesAtomicNumber(species, 'species'))).toBe(symbol);
  });

  it.each(['na', 'Fe1', 'Nx', '', 11, null, ['Na']])('%j is refused', (species) => {
    expect(() => speciesAtomicNumber(species, 'species')).toThrow(expect.objectContaining({ code: 'unknown_element' }));
  });
});
