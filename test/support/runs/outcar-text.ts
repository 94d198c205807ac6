/** One ionic step of an OUTCAR. Numbers are given as VASP prints them, so that a test can damage them. */
interface OutcarStep {
  readonly lattice?: readonly string[];
  /** Cartesian positions and forces: six numbers a line. */
  readonly moved?: readonly string[];
  readonly energy?: string;
  /** XX YY ZZ XY YZ ZX, kbar. */
  readonly stress?: string;
  readonly ending?: 'reached' | 'not reached' | 'none';
}

export interface OutcarText {
  readonly version?: string;
  readonly potcars?: readonly string[];
  readonly perType?: string;
  readonly ions?: number;
  readonly gga?: string;
  readonly ibrion?: number;
  readonly nsw?: number;
  readonly lattice?: readonly string[];
  readonly fractional?: readonly string[];
  readonly steps?: readonly OutcarStep[];
  readonly extra?: readonly string[];
  /** Blocks by heading, six lines of six numbers each in VASP's order. */
  readonly moduli?: Readonly<Record<string, readonly string[]>>;
  readonly reachedAccuracy?: boolean;
  readonly isFinished?: boolean;
}

const CUBE = ['     4.000000000  0.000000000  0.000000000', '     0.000000000  4.000000000  0.000000000'];
const LATTICE = [...CUBE, '     0.000000000  0.000000000  4.000000000'];
const ROCK = ['   0.00000000  0.00000000  0.00000000', '   0.50000000  0.50000000  0.50000000'];
export const MOVED = [
  '      0.00000      0.00000      0.00000         0.100000      0.000000      0.000000',
  '      2.00000      2.00000      2.00000        -0.100000      0.000000      0.000000',
];
export const TOTAL = ' TOTAL ELASTIC MODULI (kBar)';
export const SYMMETRIZED = ' SYMMETRIZED ELASTIC MODULI (kBar)';
export const IONIC = ' ELASTIC MODULI CONTR FROM IONIC RELAXATION (kBar)';

/** A stable tensor whose shear constants differ, so that their order shows: C44 = 44, C55 = 55, C66 = 66 GPa. */
export const MODULI = [
  '2000.0 500.0 500.0 0.0 0.0 0.0',
  '500.0 2000.0 500.0 0.0 0.0 0.0',
  '500.0 500.0 2000.0 0.0 0.0 0.0',
  '0.0 0.0 0.0 660.0 0.0 0.0',
  '0.0 0.0 0.0 0.0 440.0 0.0',
  '0.0 0.0 0.0 0.0 0.0 550.0',
];

/** An OUTCAR of rock salt in its primitive order, cut down to the lines that matter, with noise between them. */
export function outcarText(given: OutcarText = {}): string {
  const { potcars = ['PAW_PBE Na 08Apr2002', 'PAW_PBE Cl 06Sep2000'], perType = '1   1', ions = 2 } = given;
  const { lattice = LATTICE, fractional = ROCK, steps = [{}] } = given;
  return [
    ` ${given.version ?? 'vasp.6.3.2 27Jun22 (build Oct 11 2022 18:16:19) complex'}`,
    ...potcars.map((title) => ` POTCAR:    ${title}`),
    ...potcars.flatMap((title) => ['   LEXCH  = PE', `   TITEL  = ${title}`]),
    `   number of dos      NEDOS =    301   number of ions     NIONS = ${ions}`,
    `   ions per type =               ${perType}`,
    `   NELM   =    60;   NELMIN=  2; NELMDL= -5     # of ELM steps`,
    `   NSW    =   ${given.nsw ?? 0}    number of steps for IOM`,
    `   IBRION =   ${given.ibrion ?? -1}    ionic relax: 0-MD 1-quasi-New 2-CG`,
    `   GGA     =    ${given.gga ?? '--'}    GGA type`,
    '   LEXCH   =     8    internal setting for exchange type',
    '   LHFCALC =     F    Hartree Fock is set to',
    ...(given.extra ?? []),
    ...vectors(lattice),
    ' position of ions in fractional coordinates (direct lattice) ',
    ...fractional,
    '',
    ...steps.flatMap((step, i) => stepLines(step, i + 1, lattice)),
    ...(given.reachedAccuracy ? [' reached required accuracy - stopping structural energy minimisation'] : []),
    ...Object.entries(given.moduli ?? {}).flatMap(([heading, rows]) => moduliLines(heading, rows)),
    ...(given.isFinished === false ? [] : [' General timing and accounting informations for this job:']),
    '',
  ].join('\n');
}

function stepLines(step: OutcarStep, number: number, lattice: readonly string[]): string[] {
  const { ending = 'reached', stress = '-10.0 -20.0 -30.0 -40.0 -50.0 -60.0', energy = '-6.50000000' } = step;
  const endings = {
    reached: ['------------------------ aborting loop because EDIFF is reached -----------------------'],
    'not reached': ['------------------------ aborting loop EDIFF was not reached (unconverged)  ---------'],
    none: [],
  };
  return [
    `----------------------------------------- Iteration    ${number}(   1)  ---------------------------------------`,
    '  free energy    TOTEN  =        -6.00000000 eV',
    '  energy without entropy =        -6.00000000  energy(sigma->0) =        -6.00000000',
    ...endings[ending],
    `  in kB  ${stress}`,
    ...vectors(step.lattice ?? lattice),
    ' POSITION                                       TOTAL-FORCE (eV/Angst)',
    ' -----------------------------------------------------------------------------------',
    ...(step.moved ?? MOVED),
    ' -----------------------------------------------------------------------------------',
    `  energy  without entropy=      ${energy}  energy(sigma->0) =      ${energy}`,
  ];
}

function vectors(lattice: readonly string[]): string[] {
  return ['      direct lattice vectors                 reciprocal lattice vectors', ...lattice];
}

function moduliLines(heading: string, rows: readonly string[]): string[] {
  const names = ['XX', 'YY', 'ZZ', 'XY', 'YZ', 'ZX'];
  const rule = ` ${'-'.repeat(80)}`;
  return [
    '',
    heading,
    ` Direction    ${names.join('          ')}`,
    rule,
    ...rows.map((row, i) => ` ${names[i]}  ${row}`),
    rule,
  ];
}
