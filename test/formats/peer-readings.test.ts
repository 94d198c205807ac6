import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { materialsOf } from '../../src/adapters/sources/files/materials-of.ts';
import { openInputs } from '../../src/adapters/sources/files/open-inputs.ts';
import type { RunTensor } from '../../src/model/calculation-run.ts';
import { multiply3 } from '../../src/model/lattice.ts';
import type { Structure } from '../../src/model/structure.ts';
import { describeUnless } from '../support/needs.ts';
import { MISSING_PEERS, peerPackages } from '../support/python-packages.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/runs/', import.meta.url));
const SHARED = fileURLToPath(new URL('../../../shared/data/vasp/', import.meta.url));

/** OUTCAR and pw.x's output print positions with 5 and 7 digits. */
const POSITION_TOLERANCE = 2e-5;
const CELL_TOLERANCE = 2e-6;
/** ASE reads kbar with 2 digits from pw.x's output, which also has Ry/bohr^3 with more. */
const STRESS_TOLERANCE_GPA = 2e-3;
/** ASE takes the constants of CODATA 2006 for pw.x, whose energies are large. */
const ENERGY_TOLERANCE_EV = 5e-5;
const TENSOR_TOLERANCE_GPA = 1e-9;

interface PeerReading {
  readonly path: string;
  readonly reader: string;
  readonly number: number | null;
  readonly cell: readonly number[];
  readonly atomic_numbers: readonly number[];
  readonly positions: readonly number[];
  readonly energy: number | null;
  readonly stress: readonly number[] | null;
  readonly tensor: readonly number[] | null;
}

interface OurReading {
  readonly structure: Structure;
  readonly energy: number | undefined;
  readonly stress: Float64Array | undefined;
  readonly tensor: RunTensor | undefined;
}

describeUnless(MISSING_PEERS, 'what pymatgen and ASE read, we read too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'elastream-peers-'));
  const readings = peerReadings(folder);
  const ours = new Map<string, Promise<OurReading[]>>();

  it.each(readings.map((reading) => [basename(reading.path), reading.reader, reading] as const))(
    '%s by %s',
    async (_, __, peer) => {
      const { path } = peer;
      if (!ours.has(path)) ours.set(path, ourReadings(path));
      const reading = (await ours.get(path)!)[(peer.number ?? 1) - 1]!;
      const { lattice, atomicNumbers } = reading.structure;
      expect(Array.from(atomicNumbers)).toEqual(peer.atomic_numbers);
      close(lattice.matrix, peer.cell, CELL_TOLERANCE);
      close(cartesian(reading.structure), peer.positions, POSITION_TOLERANCE);
      if (peer.energy !== null) close([reading.energy!], [peer.energy], ENERGY_TOLERANCE_EV);
      if (peer.stress !== null && reading.stress !== undefined)
        close(reading.stress, peer.stress, STRESS_TOLERANCE_GPA);
      if (peer.tensor !== null) close(reading.tensor!.stiffness, peer.tensor, TENSOR_TOLERANCE_GPA);
    },
  );

  it('in at least 6 files', () => {
    rmSync(folder, { recursive: true });
    expect(new Set(readings.map(({ path }) => path)).size).toBeGreaterThanOrEqual(6);
  });
});

/** Unpacks what we have, because the peers do not read every packed file, and lets them read it. */
function peerReadings(folder: string): PeerReading[] {
  const shared = existsSync(SHARED) ? readdirSync(SHARED).filter((name) => /^(?:OUTCAR|vasprun)/.test(name)) : [];
  const names = [
    ...shared.map((name) => join(SHARED, name)),
    ...['relax.pwo.gz', 'vc-relax.pwo.gz'].map((name) => join(FIXTURES, name)),
  ];
  const files = names.map((path) => {
    const unpacked = join(folder, basename(path).replace(/\.gz$/, ''));
    writeFileSync(unpacked, gunzipSync(readFileSync(path)));
    return unpacked;
  });
  const env = { ...process.env, PYTHONPATH: peerPackages };
  const output = execFileSync('python3', ['tools/peer-readings.py', folder, ...files], { encoding: 'utf8', env });
  const lines = output.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as PeerReading);
}

async function ourReadings(path: string): Promise<OurReading[]> {
  const found: OurReading[] = [];
  for await (const unit of openInputs([path])) {
    if (unit.kind === 'run') {
      const { structure, energy, stress, tensor } = unit.run;
      found.push({ structure, energy, stress, tensor });
      continue;
    }
    for (const item of materialsOf(unit)) {
      if (item.kind === 'rejection') throw new Error(JSON.stringify(item.rejection));
      const { structure } = item.material;
      const perAtom = item.label?.values.energy_per_atom;
      const energy = perAtom === undefined ? undefined : perAtom * structure.atomicNumbers.length;
      found.push({ structure, energy, stress: undefined, tensor: undefined });
    }
  }
  return found;
}

function cartesian({ fracCoords, lattice }: Structure): number[] {
  return Array.from({ length: fracCoords.length / 3 }, (_, i) => {
    const row = Float64Array.of(...fracCoords.subarray(3 * i, 3 * i + 3), 0, 0, 0, 0, 0, 0);
    return Array.from(multiply3(row, lattice.matrix).subarray(0, 3));
  }).flat();
}

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const differences = Array.from(expected, (value, i) => Math.abs(actual[i]! - value));
  expect(Math.max(...differences)).toBeLessThan(tolerance);
}
