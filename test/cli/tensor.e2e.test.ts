import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliMain, runCli } from '../support/cli.ts';
import { IONIC, MODULI, outcarText, SYMMETRIZED, TOTAL } from '../support/runs/outcar-text.ts';

/** Zincblende SiC; every expected number below is pymatgen 2026.10.24's unless said otherwise. */
const SIC = `# zincblende SiC, GPa
383.887 127.080 127.080 0 0 0
127.080 383.887 127.080 0 0 0
127.080 127.080 383.887 0 0 0
0 0 0 241.122 0 0
0 0 0 0 241.122 0
0 0 0 0 0 241.122
`;
const POSCAR = `SiC
1.0
4.38 0 0
0 4.38 0
0 0 4.38
Si C
4 4
Direct
0 0 0
0 0.5 0.5
0.5 0 0.5
0.5 0.5 0
0.25 0.25 0.25
0.25 0.75 0.75
0.75 0.25 0.75
0.75 0.75 0.25
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'elastream-tensor-'));
  writeFileSync(join(folder, 'sic.txt'), SIC);
  writeFileSync(join(folder, 'POSCAR'), POSCAR);
  const row = (id: string) =>
    `{"material_id":"${id}","lattice":[[4,0,0],[0,4,0],[0,0,4]],"species":["Na"],"frac_coords":[[0,0,0]]}\n`;
  writeFileSync(join(folder, 'two.jsonl'), row('a') + row('b'));
  writeFileSync(join(folder, 'packed.bin'), Uint8Array.of(0x1f, 0x8b, 8, 0, 0xff, 0xfe));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function json(args: readonly string[], stdin = '') {
  const { code, stdout, stderr } = await runCli(['tensor', ...args, '--json'], { cwd: folder, stdin });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

describe('elastream tensor', () => {
  it('prints a table of every property', async () => {
    const { code, stdout, stderr } = await runCli(['tensor', 'sic.txt'], { cwd: folder });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Elastic tensor of sic\.txt \(GPa, Voigt order\)\n/);
    expect(stdout).toMatch(/Pattern +cubic, 3 constants/);
    expect(stdout).toMatch(/stable: positive definite/);
    expect(stdout).toMatch(/Shear modulus G +196\.03 +178\.46 +187\.25 +GPa/);
    expect(stdout).toMatch(/Universal anisotropy A\^U +0\.4924\n/);
    expect(stdout).toMatch(/Debye temperature +n\/a +K\n/);
    expect(stdout).toMatch(/need --structure FILE/);
  });

  it('prints one JSON object with names like those of emmet', async () => {
    const report = await json(['sic.txt']);
    expect(report.bulk_modulus.vrh).toBeCloseTo(212.6823333, 6);
    expect(report.shear_modulus.reuss).toBeCloseTo(178.45840172, 7);
    expect(report.young_modulus).toBeCloseTo(434.289381934, 6);
    expect(report.homogeneous_poisson).toBeCloseTo(0.15967289092, 9);
    expect(report.universal_anisotropy).toBeCloseTo(0.49244524523, 9);
    expect(report.compliance_tensor.symmetrized[3][3]).toBeCloseTo(1000 / 241.122, 9);
    expect(report.symmetry).toMatchObject({ pattern: 'cubic', independent_constants: 3, axis: null, asymmetry: 0 });
    expect(report.mechanical_stability).toMatchObject({ stable: true, violated_leading_minor: null });
    expect(report.debye_temperature).toBeNull();
    expect(report.units.young_modulus).toBe('GPa');
  });

  it('reads its own JSON, from standard input too', async () => {
    const report = await json(['sic.txt']);
    const again = await json(['-'], JSON.stringify(report));
    expect(again).toEqual({ ...report, source: 'standard input' });
  });

  it('reads the elastic moduli and the structure of an OUTCAR, compressed or not', async () => {
    const text = outcarText({ ibrion: 6, moduli: { [IONIC]: MODULI, [TOTAL]: MODULI } });
    writeFileSync(join(folder, 'OUTCAR'), text);
    writeFileSync(join(folder, 'OUTCAR.gz'), gzipSync(text));
    const report = await json(['OUTCAR']);
    expect(report.bulk_modulus.vrh).toBeCloseTo(100, 9);
    expect([3, 4, 5].map((i) => report.elastic_tensor.raw[i][i])).toEqual([44, 55, 66]);
    expect(report.debye_temperature).toBeGreaterThan(100);
    expect(report.warnings).toEqual([]);
    expect(await json(['OUTCAR.gz'])).toEqual({ ...report, source: 'OUTCAR.gz' });
  });

  it('says so where the ions of an OUTCAR were held in place, and where it has no moduli or no end', async () => {
    writeFileSync(join(folder, 'OUTCAR.clamped'), outcarText({ ibrion: 6, moduli: { [SYMMETRIZED]: MODULI } }));
    expect((await json(['OUTCAR.clamped'])).warnings[0]).toMatch(/^the ions were held in place/);
    writeFileSync(join(folder, 'OUTCAR.static'), outcarText());
    const plain = await runCli(['tensor', 'OUTCAR.static'], { cwd: folder });
    expect(plain.stderr).toMatch(
      /OUTCAR\.static: this run of VASP 6\.3\.2 has no elastic moduli: VASP prints them for IBRION = 6/,
    );
    writeFileSync(join(folder, 'OUTCAR.cut'), outcarText({ isFinished: false }));
    const cut = await runCli(['tensor', 'OUTCAR.cut'], { cwd: folder });
    expect(cut.stderr).toMatch(/OUTCAR\.cut: the VASP 6\.3\.2 run did not come to its end/);
    expect(cut.code).not.toBe(0);
  });

  it('gives sound velocities and Debye temperature for a structure', async () => {
    const report = await json(['sic.txt', '--structure', 'POSCAR']);
    expect(report.density).toBeCloseTo(3.16949428827, 8);
    expect(report.sound_velocity.longitudinal).toBeCloseTo(12077.7986, 3);
    expect(report.sound_velocity.transverse).toBeCloseTo(7686.2033, 3);
    expect(report.debye_temperature).toBeCloseTo(1148.75418, 4);
    expect(report.warnings).toEqual([]);
    const { stdout } = await runCli(['tensor', 'sic.txt', '--structure', 'POSCAR'], { cwd: folder });
    expect(stdout).toMatch(/Density +3\.1695 +g\/cm\^3\nSound, longitudinal +12077\.8 +m\/s\n/);
    expect(stdout).toMatch(/Debye temperature +1148\.8 +K\n$/);
  });

  it.each([
    [['sic.txt', '--structure', 'nowhere.cif'], '', /nowhere\.cif/],
    [['sic.txt', '--structure', 'sic.txt'], '', /^elastream: sic\.txt: /],
    [['-', '--structure', '-'], SIC, /cannot both be -/],
    [['sic.txt', '--structure', 'two.jsonl'], '', /^elastream: two\.jsonl: several structures/],
  ])('refuses %j', async (args, stdin, message) => {
    const { code, stdout, stderr } = await runCli(['tensor', ...args], { cwd: folder, stdin });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('reads order and unit of VASP', async () => {
    const kbar = SIC.replace(/[\d.]+(?= |$)/gm, (number) => String(10 * Number(number))).replace(/^#.*/, '');
    const report = await json(['-', '--order', 'vasp', '--unit', 'kBar'], kbar);
    expect(report.bulk_modulus.vrh).toBeCloseTo(212.6823333, 6);
    expect(report.warnings.join()).not.toMatch(/kbar/);
    const doubtful = await json(['-'], kbar);
    expect(doubtful.warnings.join()).toMatch(/3838\.87 GPa is beyond any known solid.*--unit kbar/);
  });

  it('says plainly that a tensor is unstable, and gives no meaningless number', async () => {
    const unstable = SIC.replace('0 0 0 241.122 0 0', '0 0 0 -12.5 0 0');
    const report = await json(['-'], unstable);
    expect(report.mechanical_stability).toMatchObject({ stable: false, violated_leading_minor: 4 });
    expect(report.mechanical_stability.eigenvalues[0]).toBeCloseTo(-12.5, 10);
    expect(report.shear_modulus.voigt).toBeGreaterThan(0);
    expect([report.shear_modulus.vrh, report.young_modulus, report.vickers_hardness.tian]).toEqual([null, null, null]);
    expect(report.warnings[0]).toMatch(/^mechanically unstable: the smallest eigenvalue is -12\.50 GPa/);
    const { code, stdout } = await runCli(['tensor', '-'], { stdin: unstable });
    expect(code).toBe(0);
    expect(stdout).toMatch(/UNSTABLE: not positive definite \(Born\); softest strain 1\.00 YZ/);
    expect(stdout).toMatch(/Young's modulus E +n\/a +GPa/);
    expect(stdout).not.toMatch(/NaN|Infinity|undefined|need --structure/);
  });

  it.each([
    ['a word', SIC.replace('383.887', 'x'), /^elastream: standard input: line 2: "x" is not a number: replace it/],
    [
      'a short line',
      SIC.replace('0 0 0 241.122 0 0', '0 0 0 241.122 0'),
      /line 5: 5 numbers instead of 6: write 6 lines/,
    ],
    ['asymmetry', SIC.replace('127.080', '12.708'), /C12 = 12\.708 and C21 = 127\.08 GPa differ/],
    ['nothing', '', /no numbers: write 6 lines/],
  ])('refuses %s with one line on standard error and exit code 2', async (_, stdin, message) => {
    const { code, stdout, stderr } = await runCli(['tensor', '-'], { stdin });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it.each([
    ['nowhere.txt', /^elastream: cannot read nowhere\.txt: no such file: check the path\n$/],
    ['.', /^elastream: cannot read \.: it is a folder: name a file\n$/],
    ['packed.bin', /^elastream: packed\.bin: not UTF-8 text/],
  ])('refuses the file %s', async (file, message) => {
    const { code, stdout, stderr } = await runCli(['tensor', file], { cwd: folder });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('refuses a file too large to be a tensor without reading all of it', async () => {
    const { code, stderr } = await runCli(['tensor', '-'], { stdin: new Uint8Array(5 * 2 ** 20).fill(32) });
    expect(code).toBe(2);
    expect(stderr).toMatch(/over 4 MiB: give the tensor alone/);
  });
});

describe('elastream', () => {
  it('tells its version', async () => {
    const { code, stdout } = await runCli(['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('shows help with examples and exit codes', async () => {
    for (const args of [['--help'], ['help', 'tensor'], ['tensor', '--help']]) {
      const { code, stdout, stderr } = await runCli(args);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/Examples:\n(?: {2}elastream .+\n)* {2}elastream tensor/);
    }
    expect((await runCli(['--help'])).stdout).toMatch(/Exit codes:\n {2}0 /);
  });

  it.each([
    [['tensr'], /unknown command 'tensr'\n\(Did you mean tensor\?\)/],
    [['tensor'], /missing required argument 'file'/],
    [['tensor', '-', '--order', 'foo'], /Allowed choices are voigt, vasp/],
    [['tensor', '-', '--unit', 'Pa'], /Allowed units are GPa, kbar/],
    [['tensor', 'a', 'b'], /too many arguments/],
    [['tensor', '-', '--jsn'], /unknown option '--jsn'/],
    [[], /Usage: elastream/],
  ])('refuses the command line %j with exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await runCli(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('ends quietly where the reader of its output has gone', async () => {
    const script = `"$0" "$1" tensor sic.txt | true; "$0" "$1" --help | true; echo "\${PIPESTATUS[0]}"`;
    const run = promisify(execFile)('bash', ['-c', script, process.execPath, cliMain()], { cwd: folder });
    const { stdout, stderr } = await run;
    expect([stdout, stderr]).toEqual(['0\n', '']);
  });
});
