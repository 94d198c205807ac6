import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../../..');
const FIXTURES = join(ROOT, 'test/fixtures');
const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  cif: ['.cif'],
  poscar: ['.poscar', '.vasp', ''],
  json: ['.json'],
  rows: ['.jsonl'],
};

/** Writes a target's seed inputs in addition to the kept ones: the fixtures of the other tests. */
export function seedCorpus(target: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [i, bytes] of seeds(target).entries()) writeFileSync(join(folder, `seed-${i}`), bytes);
}

function seeds(target: string): readonly Uint8Array[] {
  if (target === 'event') return recordedEvents();
  if (target === 'campaign') return filesOf(join(ROOT, 'examples'), ['.yaml']);
  return filesOf(join(FIXTURES, 'structures'), EXTENSIONS[target] ?? []);
}

function filesOf(folder: string, extensions: readonly string[]): readonly Uint8Array[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extensions.includes(extname(entry.name)))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}

function recordedEvents(): readonly Uint8Array[] {
  const { events } = JSON.parse(readFileSync(join(FIXTURES, 'recorded-events.json'), 'utf8')) as {
    events: { type: string; base64: string }[];
  };
  return events.map(({ type, base64 }) => Buffer.concat([Buffer.from(`${type}\n`), Buffer.from(base64, 'base64')]));
}
