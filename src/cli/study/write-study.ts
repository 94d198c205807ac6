import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { packageVersion } from '../../adapters/in-process/package-version.ts';
import { writeOutput } from '../../adapters/writers/output-file.ts';
import { RECORD_TEXTS } from '../../adapters/writers/record-text.ts';
import type { StudyPart, StudySettings } from '../../learning/study/paper-study.ts';
import type { LoopRound, StudyResults, StudyRow } from '../../learning/study/study-results.ts';
import type { Cell, RecordColumn } from '../../model/record-column.ts';
import { renderStudy } from '../../report/study/study-page.ts';

export interface WrittenStudy {
  readonly request: StudySettings;
  readonly parts: readonly StudyPart[];
  readonly results: StudyResults;
}

const text = (name: string): RecordColumn => ({ name, type: 'text' });
const number = (name: string): RecordColumn => ({ name, type: 'number' });
const whole = (name: string): RecordColumn => ({ name, type: 'whole' });

const ROW_COLUMNS = [
  ...[text('part'), text('campaign'), text('label'), text('target'), text('materials'), whole('count')],
  ...[text('quantity'), text('unit'), number('ours'), number('ours_stdev'), number('ensemble')],
  ...[number('paper'), number('paper_stdev')],
];
const LOOP_COLUMNS = [
  ...[text('campaign'), whole('round'), whole('added'), text('target'), text('subset'), whole('count')],
  ...[number('mae'), number('mae_stdev'), number('r2'), number('r2_stdev'), number('ensemble_mae')],
];

/** @returns the files, and the JSON text */
export async function writeStudy(
  directory: string,
  { request, parts, results }: WrittenStudy,
): Promise<{ readonly paths: readonly string[]; readonly json: string }> {
  const { data, members, preset, focus, seed } = request;
  const settings = { data, members, preset, focus, seed };
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`;
  const document = {
    ...{ settings, machine, elastream: packageVersion() },
    rows: results.rows.map((row) => named(ROW_COLUMNS, rowCells(row))),
    loops: results.loops.map((round) => named(LOOP_COLUMNS, loopCells(round))),
    importances: results.importances.map(({ gainShare, ...feature }) => ({ ...feature, gain_share: gainShare })),
    notes: results.notes,
  };
  const json = `${JSON.stringify(document, null, 2)}\n`;
  const shown = { ...settings, machine, elastream: packageVersion() };
  const page = renderStudy({
    parts,
    results,
    elastreamVersion: packageVersion(),
    settings: Object.entries(shown).map(([k, v]) => [k, String(v)]),
  });
  const files = {
    'study.html': page,
    'study.json': json,
    'study.csv': table(ROW_COLUMNS, results.rows.map(rowCells)),
    'loops.csv': table(LOOP_COLUMNS, results.loops.map(loopCells)),
  };
  const paths: string[] = [];
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    await writeOutput(path, content);
    paths.push(path);
  }
  return { paths, json };
}

function table(columns: readonly RecordColumn[], records: readonly (readonly Cell[])[]): string {
  const { header, record } = RECORD_TEXTS.csv;
  return header(columns) + records.map((cells) => record(columns, cells)).join('');
}

/** Without what is not known. */
function named(columns: readonly RecordColumn[], cells: readonly Cell[]): object {
  const known = columns.flatMap(({ name }, i) =>
    cells[i] === null || Number.isNaN(cells[i]) ? [] : [[name, cells[i]]],
  );
  return Object.fromEntries(known);
}

function rowCells(row: StudyRow): Cell[] {
  const { part, campaign, label, target, materials, count, quantity, unit, ours, ensemble, paper } = row;
  return [
    ...[part, campaign ?? null, label, target ?? null, materials ?? null, count ?? null, quantity, unit],
    ...[ours.mean, ours.standardDeviation ?? null, ensemble ?? null],
    ...[paper?.mean ?? null, paper?.standardDeviation ?? null],
  ];
}

function loopCells(round: LoopRound): Cell[] {
  const { campaign, added, target, subset, count, mae, r2, ensembleMae } = round;
  return [
    ...[campaign, round.round, added, target, subset, count],
    ...[mae.mean, mae.standardDeviation ?? null, r2.mean, r2.standardDeviation ?? null, ensembleMae],
  ];
}
