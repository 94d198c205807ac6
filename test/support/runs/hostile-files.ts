import { gzipSync } from 'node:zlib';
import type { RejectionCode } from '../../../src/model/rejection.ts';
import { IONIC, MODULI, type OutcarText, outcarText, TOTAL } from './outcar-text.ts';
import { type VasprunText, vasprunText, vectors } from './vasprun-text.ts';

/** A file that must be refused, and why. */
export interface HostileFile {
  readonly name: string;
  readonly content: string | Buffer;
  readonly reason: RejectionCode;
}

type Case<T> = readonly [reason: RejectionCode, given: T];
const MIB = 1024 * 1024;

/** Malformed and hostile files, made on demand: some take many megabytes. */
export function* hostileFiles(): Generator<HostileFile, void, void> {
  yield* numbered('OUTCAR', '', OUTCARS);
  yield* numbered('vasprun', '.xml', VASPRUNS);
  yield* numbered('pw', '.pwo', PW_OUTPUTS);
  yield* numbered('pwscf', '.xml', PW_XMLS);
  yield* numbered('frames', '.extxyz', FRAMES);
  yield* numbered('database', '.json', DATABASES);
  yield* numbered('packed', '', PACKED);
}

/** One file per case; the place in the list tells which one failed. */
function* numbered(
  stem: string,
  extension: string,
  cases: readonly Case<() => string | Buffer>[],
): Generator<HostileFile, void, void> {
  for (const [i, [reason, content]] of cases.entries()) {
    const given = content();
    const isOutcar = stem === 'OUTCAR' || stem === 'packed';
    const packed = typeof given !== 'string' && given[0] === 0x1f && given[1] === 0x8b ? '.gz' : '';
    yield {
      name: isOutcar ? `OUTCAR-${stem}-${i + 1}${packed}` : `${stem}-${i + 1}${extension}${packed}`,
      content: given,
      reason,
    };
  }
}

const outcar = (given: OutcarText) => () => outcarText(given);
const moduli = (row: string) => outcar({ ibrion: 6, moduli: { [IONIC]: MODULI, [TOTAL]: [row, ...MODULI.slice(1)] } });
const cut = (share: number) => () => {
  const text = outcarText({ ibrion: 6, moduli: { [TOTAL]: MODULI } });
  return text.slice(0, Math.floor(share * text.length));
};

const OUTCARS: readonly Case<() => string | Buffer>[] = [
  ...[0.05, 0.2, 0.4, 0.6, 0.8, 0.97].map((share) => ['unfinished', cut(share)] as const),
  ['unfinished', outcar({ isFinished: false })],
  ['unfinished', outcar({ extra: [' soft stop encountered!  aborting job ...'] })],
  ['unfinished', outcar({ extra: [' hard stop encountered!  aborting job ...'] })],
  ['unconverged', outcar({ steps: [{ ending: 'not reached' }] })],
  ['unconverged', outcar({ steps: [{ ending: 'none' }] })],
  ['unconverged', outcar({ ibrion: 2, nsw: 50, steps: [{}, {}] })],
  ['unconverged', outcar({ ibrion: 6, steps: [{}, { ending: 'not reached' }, {}] })],
  ['bad_number', moduli('****** 500.0 500.0 0.0 0.0 0.0')],
  ['bad_number', moduli('NaN 500.0 500.0 0.0 0.0 0.0')],
  ['bad_number', moduli('2000.0500.0500.0 0.0 0.0 0.0')],
  ['bad_number', moduli('2000.0 500.0 500.0')],
  ['asymmetric_tensor', moduli('2000.0 50.0 500.0 0.0 0.0 0.0')],
  ['out_of_range', moduli('2.0e12 500.0 500.0 0.0 0.0 0.0')],
  ['unstable_tensor', moduli('-2000.0 500.0 500.0 0.0 0.0 0.0')],
  ['bad_number', outcar({ steps: [{ energy: '********' }] })],
  ['bad_number', outcar({ steps: [{ stress: '****** 0 0 0 0 0' }] })],
  ['bad_number', outcar({ steps: [{ moved: ['0 0 0 NaN NaN NaN', '0 0 0 0 0 0'] }] })],
  ['bad_number', outcar({ lattice: ['********* 0 0', '0 4 0', '0 0 4'] })],
  ['bad_lattice', outcar({ lattice: ['0 0 0', '0 0 0', '0 0 0'] })],
  ['bad_lattice', outcar({ lattice: ['4 0 0', '8 0 0', '0 0 4'] })],
  ['bad_lattice', outcar({ lattice: ['1e9 0 0', '0 4 0', '0 0 4'] })],
  ['too_many_sites', outcar({ ions: 10_000_000, perType: '5000000 5000000' })],
  ['too_many_sites', outcar({ perType: '99999999999 1' })],
  ['missing_field', outcar({ perType: '1 1 1' })],
  ['unknown_element', outcar({ potcars: ['PAW_PBE Qq 01Jan2000', 'PAW_PBE Cl 06Sep2000'] })],
  ['too_large', () => `${outcarText()}${'x'.repeat(8 * MIB)}`],
  ['too_large', () => 'x'.repeat(64 * MIB)],
];

const vasprun = (given: VasprunText) => () => vasprunText(given);

const VASPRUNS: readonly Case<() => string | Buffer>[] = [
  ...[0.3, 0.5, 0.9].map((share) => ['truncated', () => vasprunText().slice(0, Math.floor(share * 1500))] as const),
  ['truncated', vasprun({ end: '' })],
  ['unconverged', vasprun({ tags: { NELM: '5' } })],
  ['unconverged', vasprun({ tags: { IBRION: '2', NSW: '1', NELM: '4' } })],
  ['unconverged', vasprun({ tags: { IBRION: '1', NSW: '2' }, steps: [{}, {}] })],
  ['unconverged', vasprun({ tags: { IBRION: '6' }, steps: [{}, { electronicSteps: 60 }, {}] })],
  ['unfinished', vasprun({ steps: [] })],
  ['bad_number', vasprun({ steps: [{ energy: '***********' }] })],
  ['bad_number', vasprun({ steps: [{ positions: vectors('0.1.2 0 0', '0 0 0') }] })],
  ['bad_number', vasprun({ steps: [{ stress: vectors('nan nan nan', '0 0 0', '0 0 0') }] })],
  ['bad_number', vasprun({ steps: [{ forces: vectors('**** 0 0', '0 0 0') }] })],
  ['bad_lattice', vasprun({ steps: [{ basis: vectors('0 0 0', '0 0 0', '0 0 0') }] })],
  ['bad_lattice', vasprun({ steps: [{ basis: vectors('1 0 0') }] })],
  ['missing_field', vasprun({ steps: [{ positions: vectors('0 0 0') }] })],
  ['no_sites', vasprun({ atoms: [] })],
  ['too_many_sites', () => vasprunText({ atoms: new Array<string>(1_000_000).fill('Na') })],
  ['too_many_sites', () => vasprunText({ steps: [{ positions: vectors('0 0 0').repeat(1_000_000) }] })],
  [
    'unsupported_format',
    vasprun({ prolog: '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>' }),
  ],
  ['unsupported_format', vasprun({ prolog: '<!DOCTYPE m SYSTEM "file:///etc/passwd">' })],
  ['unsupported_format', () => `<?xml version="1.0"?>${' '.repeat(8192)}\n<!DOCTYPE x><modeling/>`],
  ['bad_syntax', vasprun({ inside: '<i name="SYSTEM">&lol;</i>' })],
  ['bad_syntax', vasprun({ inside: '<i>a & b</i>' })],
  ['bad_syntax', vasprun({ inside: '</structure>' })],
  ['too_large', () => vasprunText({ inside: '<a>'.repeat(1_000_000) })],
  ['too_large', () => vasprunText({ inside: `<!--${'-x'.repeat(4 * MIB)}-->` })],
  ['too_large', () => vasprunText({ inside: `<a b="${'x'.repeat(8 * MIB)}"/>` })],
  ['unsupported_format', () => '<html><body>404 Not Found</body></html>'],
];

/** pw.x's standard output cut down to what matters. */
function pwText({
  alat = '7.5',
  sites = '2',
  axis = '( 0.0 0.7 0.7 )',
  site = '( 0.25 0.25 0.25 )',
  name = 'Si',
  ending = '',
  ...rest
} = {}): string {
  const {
    scf = '     convergence has been achieved in   6 iterations',
    energy = '-15.5',
    stress = '0.0 0.0 0.0 0 0 0',
  } = rest as { scf?: string; energy?: string; stress?: string };
  return `
     Program PWSCF v.7.2 starts on  1Jan2024 at 10:00:00
     number of atoms/cell      =            ${sites}
     celldm(1)=   ${alat}  celldm(2)=   0.000000
     crystal axes: (cart. coord. in units of alat)
               a(1) = ${axis}
               a(2) = ( 0.7 0.0 0.7 )
               a(3) = ( 0.7 0.7 0.0 )
     site n.     atom                  positions (alat units)
         1           ${name}  tau(   1) = ( 0.0 0.0 0.0 )
         2           Si  tau(   2) = ${site}
     Self-consistent Calculation
!    total energy              =     ${energy} Ry
${scf}
          total   stress  (Ry/bohr**3)                   (kbar)     P=       -1.56
   ${stress}
   0.0 0.0 0.0 0 0 0
   0.0 0.0 0.0 0 0 0
${ending || '   JOB DONE.'}
`;
}

const pw = (given: Record<string, string>) => () => pwText(given);

const PW_OUTPUTS: readonly Case<() => string | Buffer>[] = [
  ['unfinished', pw({ ending: '     The run goes on' })],
  ['unfinished', pw({ ending: '     Maximum CPU time exceeded\n   JOB DONE.' })],
  ['unfinished', pw({ ending: '     Error in routine cdiaghg (1):' })],
  ['unfinished', () => '     Program PWSCF v.7.2 starts\n     Error in routine read_namelists (2):\n'],
  ['unconverged', pw({ scf: '     convergence NOT achieved after 100 iterations: stopping' })],
  ['unconverged', pw({ scf: '' })],
  ['unconverged', pw({ ending: '     force convergence thresh. =      1.0E-03\n   JOB DONE.' })],
  ['bad_number', pw({ energy: '*********' })],
  ['bad_number', pw({ stress: 'NaN 0 0 0 0 0' })],
  ['bad_number', pw({ site: '( ******** 0.0 0.0 )' })],
  ['bad_number', pw({ alat: '0.1.2' })],
  ['bad_lattice', pw({ axis: '( 0.7 0.0 0.7 )' })],
  ['bad_lattice', pw({ alat: '0.0' })],
  ['unknown_element', pw({ name: 'Qq' })],
  ['too_many_sites', pw({ sites: '10000000' })],
];

/** pw.x's XML cut down to what matters. */
function pwXml({
  cell = '<a1>8 0 0</a1><a2>0 8 0</a2><a3>0 0 8</a3>',
  atoms = '<atom name="Si">0 0 0</atom>',
  scf = 'true',
  ...rest
} = {}): string {
  const {
    root = 'qes:espresso',
    energy = '-7.5',
    exit = '0',
    kind = 'scf',
    forces = '0 0 0',
    end = true,
  } = rest as {
    root?: string;
    energy?: string;
    exit?: string;
    kind?: string;
    forces?: string;
    end?: boolean;
  };
  return `<?xml version="1.0"?>
<${root}><general_info><creator NAME="PWSCF" VERSION="7.2"/></general_info>
<input><control_variables><calculation>${kind}</calculation></control_variables></input>
<output><convergence_info><scf_conv><convergence_achieved>${scf}</convergence_achieved></scf_conv></convergence_info>
<atomic_structure nat="1"><atomic_positions>${atoms}</atomic_positions><cell>${cell}</cell></atomic_structure>
<total_energy><etot>${energy}</etot></total_energy><forces>${forces}</forces></output>
<exit_status>${exit}</exit_status>${end ? `</${root}>` : ''}`;
}

const PW_XMLS: readonly Case<() => string | Buffer>[] = [
  ['truncated', () => pwXml({ end: false } as object)],
  ['truncated', () => pwXml().slice(0, 300)],
  ['unconverged', () => pwXml({ scf: 'false' })],
  ['unconverged', () => pwXml({ kind: 'vc-relax' } as object)],
  ['unfinished', () => pwXml({ exit: '255' } as object)],
  ['unfinished', () => '<qes:espresso><input></input></qes:espresso>'],
  ['bad_number', () => pwXml({ energy: '****' } as object)],
  ['bad_number', () => pwXml({ forces: '0 NaN 0' } as object)],
  ['bad_number', () => pwXml({ atoms: '<atom name="Si">0 0</atom>' })],
  ['bad_lattice', () => pwXml({ cell: '<a1>0 0 0</a1><a2>0 0 0</a2><a3>0 0 0</a3>' })],
  ['bad_lattice', () => pwXml({ cell: '' })],
  ['unknown_element', () => pwXml({ atoms: '<atom name="Qq">0 0 0</atom>' })],
  ['no_sites', () => pwXml({ atoms: '' })],
  ['too_many_sites', () => pwXml({ atoms: '<atom name="Si">0 0 0</atom>'.repeat(1_000_000) })],
  ['unsupported_format', () => pwXml({ root: 'Root' } as object)],
];

const CELL = 'Lattice="4 0 0 0 4 0 0 0 4"';

const FRAMES: readonly Case<() => string | Buffer>[] = [
  ['truncated', () => `2\n${CELL}\nNa 0 0 0\n`],
  ['truncated', () => '2\n'],
  ['truncated', () => `1\n${CELL}\nNa 0 0\n`],
  ['missing_field', () => '1\nenergy=-1\nNa 0 0 0\n'],
  ['missing_field', () => `1\n${CELL} Properties=pos:R:3\n0 0 0\n`],
  ['bad_syntax', () => `one\n${CELL}\nNa 0 0 0\n`],
  ['bad_syntax', () => '1\nLattice="4 0 0 0 4 0\nNa 0 0 0\n'],
  ['bad_syntax', () => `1\n${CELL} Properties=species:S:1:pos:R\nNa 0 0 0\n`],
  ['bad_syntax', () => `1\n${CELL} Properties=species:S:1:pos:R:3:x:R:1e9\nNa 0 0 0\n`],
  ['bad_number', () => `1\n${CELL}\nNa nan 0 0\n`],
  ['bad_number', () => `1\n${CELL}\nNa 0.1.2 0 0\n`],
  ['bad_number', () => '1\nLattice="4 0 0 0 4 0 0 0"\nNa 0 0 0\n'],
  ['bad_lattice', () => '1\nLattice="0 0 0 0 0 0 0 0 0"\nNa 0 0 0\n'],
  ['bad_lattice', () => `1\n${CELL} pbc="T T F"\nNa 0 0 0\n`],
  ['unknown_element', () => `1\n${CELL}\nQq 0 0 0\n`],
  ['unknown_element', () => `1\n${CELL} Properties=Z:I:1:pos:R:3\n119 0 0 0\n`],
  ['no_sites', () => `0\n${CELL}\n`],
  ['too_many_sites', () => `10000000\n${CELL}\n${'Na 0 0 0\n'.repeat(10_000_000)}`],
  ['too_large', () => `1\n${'x'.repeat(8 * MIB)}\nNa 0 0 0\n`],
  ['bad_encoding', () => Buffer.from(`1\n${CELL} name="caf\u00e9"\nNa 0 0 0\n`, 'latin1')],
  ['bad_encoding', () => Buffer.from(`\ufeff1\n${CELL}\nNa 0 0 0\n`, 'utf16le')],
];

const row = (fields: object) => ({
  numbers: [11],
  positions: [[0, 0, 0]],
  cell: [
    [4, 0, 0],
    [0, 4, 0],
    [0, 0, 4],
  ],
  ...fields,
});
const database = (fields: object) => () => JSON.stringify({ '1': row(fields), ids: [1], nextid: 2 }, null, 1);

const DATABASES: readonly Case<() => string | Buffer>[] = [
  ['bad_syntax', () => database({})().slice(0, 60)],
  ['truncated', () => '['.repeat(1_000_000)],
  ['bad_syntax', () => `{"a":${'['.repeat(1_000_000)}`],
  ['no_sites', () => '{"ids": [], "nextid": 1}'],
  ['truncated', () => '{"ids": [1], "nextid": 2}'],
  ['truncated', () => '{"ids": ["__proto__"], "nextid": 2}'],
  ['missing_field', database({ cell: null })],
  ['missing_field', database({ positions: [[0, 0]] })],
  ['bad_number', database({ positions: [['0', 0, 0]] })],
  ['bad_lattice', database({ cell: [0, 0, 0, 0, 0, 0, 0, 0, 0] })],
  ['bad_lattice', database({ pbc: [true, false, true] })],
  ['bad_lattice', database({ cell: [4, 4, 4] })],
  ['unknown_element', database({ numbers: [0] })],
  ['bad_id', database({ key_value_pairs: { material_id: 'x'.repeat(1000) } })],
  ['too_many_sites', database({ numbers: new Array<number>(1_000_000).fill(11) })],
];

const PACKED: readonly Case<() => string | Buffer>[] = [
  ['truncated', () => gzipSync(outcarText()).subarray(0, 400)],
  ['bad_encoding', () => damaged(gzipSync(outcarText()))],
  ['unsupported_format', () => gzipSync(gzipSync(outcarText()))],
  ['too_large', () => gzipSync(Buffer.alloc(1024 * MIB, 'x'), { level: 1 })],
  ['too_large', () => gzipSync(Buffer.alloc(256 * MIB, '\n'))],
  ['too_large', () => gzipSync(Buffer.alloc(256 * MIB, ' vasp.6.3.2 \n'))],
  ['no_sites', () => gzipSync('')],
  ['unsupported_format', () => Buffer.from('PK\u0003\u0004zip')],
  ['unsupported_format', () => Buffer.from('SQLite format 3\u0000')],
  ['unsupported_format', () => Buffer.alloc(100)],
];

function damaged(packed: Buffer): Buffer {
  return Buffer.concat([packed.subarray(0, 20), Buffer.alloc(100, 0xff), packed.subarray(120)]);
}
