interface VasprunStep {
  readonly basis?: string;
  readonly positions?: string;
  readonly forces?: string;
  readonly stress?: string;
  readonly energy?: string;
  /** Of the ionic step, if it differs from that of the last electronic one. */
  readonly total?: string;
  readonly electronicSteps?: number;
  /** Electronic steps of the linear response, after the step's own energy. */
  readonly responseSteps?: number;
}

export interface VasprunText {
  readonly prolog?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly atoms?: readonly string[];
  readonly steps?: readonly VasprunStep[];
  readonly inside?: string;
  readonly end?: string;
}

const CUBE = vectors('4.0 0.0 0.0', '0.0 4.0 0.0', '0.0 0.0 4.0');
const ROCK = vectors('0.0 0.0 0.0', '0.5 0.5 0.5');

export function vectors(...lines: readonly string[]): string {
  return lines.map((line) => `<v> ${line} </v>`).join('\n');
}

/** A vasprun.xml cut down to what matters. Numbers are given as VASP prints them, so that a test can damage them. */
export function vasprunText(given: VasprunText = {}): string {
  const { prolog = '<?xml version="1.0" encoding="ISO-8859-1"?>', atoms = ['Na', 'Cl'], steps = [{}] } = given;
  const tags = { NELM: '60', NSW: '0', IBRION: '-1', GGA: '--', ...given.tags };
  return `${prolog}
<modeling>
 <generator><i name="program" type="string">vasp </i><i name="version" type="string">6.3.2  </i></generator>
 <parameters><separator name="electronic">
${Object.entries(tags)
  .map(([name, value]) => `  <i type="string" name="${name}"> ${value}</i>`)
  .join('\n')}
 </separator></parameters>
 <atominfo>
  <array name="atoms" ><set>
${atoms.map((symbol) => `   <rc><c>${symbol}</c><c>   1</c></rc>`).join('\n')}
  </set></array>
  <array name="atomtypes" ><set>
   <rc><c>   1</c><c>Na</c><c> 22.99</c><c> 1.0</c><c>  PAW_PBE Na 08Apr2002 </c></rc>
  </set></array>
 </atominfo>
 ${structure('initialpos', CUBE, ROCK)}
 ${given.inside ?? ''}
${steps.map(stepText).join('\n')}
${given.end ?? `${structure('finalpos', CUBE, ROCK)}\n</modeling>\n`}`;
}

function structure(name: string, basis: string, positions: string): string {
  const crystal = `<crystal><varray name="basis" >${basis}</varray><varray name="rec_basis" >${CUBE}</varray></crystal>`;
  return `<structure name="${name}" >${crystal}<varray name="positions" >${positions}</varray></structure>`;
}

function stepText(step: VasprunStep): string {
  const { basis = CUBE, positions = ROCK, energy = '-6.50', electronicSteps = 5, responseSteps = 0 } = step;
  const electronic = (value: string) =>
    `<scstep><energy><i name="e_fr_energy"> ${value} </i><i name="e_0_energy"> ${value} </i></energy></scstep>`;
  return `<calculation>
${electronic('-5.0').repeat(electronicSteps - 1)}${electronic(energy)}
${structure('', basis, positions)}
<varray name="forces" >${step.forces ?? vectors('0.1 0.0 0.0', '-0.1 0.0 0.0')}</varray>
<varray name="stress" >${step.stress ?? vectors('-10.0 -40.0 -60.0', '-40.0 -20.0 -50.0', '-60.0 -50.0 -30.0')}</varray>
<energy><i name="e_fr_energy"> ${step.total ?? energy} </i><i name="e_0_energy"> 0.0 </i></energy>
${electronic('-99.0').repeat(responseSteps)}
</calculation>`;
}
