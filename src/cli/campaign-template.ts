import { AppError } from '../model/app-error.ts';
import type { TableOptions } from '../model/table-options.ts';
import type { Modulus } from '../model/target.ts';

/** What a campaign file is begun with. */
export interface CampaignDraft {
  readonly name: string;
  /** Paths as the file names them. */
  readonly data: readonly ({ readonly path: string } & TableOptions)[];
  /** Files of structures without a label; undefined to hide labels of data. */
  readonly candidates?: readonly string[] | undefined;
  /** Undefined for the default ones. */
  readonly targets?: readonly Modulus[];
  readonly rowsPerLeafMin?: number;
  readonly batch: number;
  readonly stopLabels: number;
  readonly calculator: 'replay' | 'manual';
}

export const DEFAULT_DRAFT: CampaignDraft = {
  name: 'my-campaign',
  data: [{ path: 'labels.jsonl.gz' }],
  batch: 25,
  stopLabels: 250,
  calculator: 'replay',
};

/**
 * The campaign that `elastream init` writes. A line that begins with # and no space is an option that may be
 * uncommented as it stands: it holds the default, unless it says otherwise.
 */
export function campaignTemplate(draft: CampaignDraft = DEFAULT_DRAFT): string {
  let text = TEMPLATE;
  const set = (line: string, value: string) => {
    if (!text.includes(line))
      throw new AppError('internal', `the template of campaigns has no ${JSON.stringify(line)}`);
    text = text.replace(line, () => value);
  };
  const [first, ...others] = draft.data;
  set('name: my-campaign', `name: ${draft.name}`);
  set('  - path: DATA_PATH\n    label_set: my-dft\n', dataEntry(first!));
  set('OTHER_DATA', others.map(dataEntry).join(''));
  if (draft.candidates) {
    const paths = draft.candidates.map((path) => `    - ${JSON.stringify(path)}\n`).join('');
    set(
      TEMPLATE.slice(TEMPLATE.indexOf('  from: data\n'), TEMPLATE.indexOf('\n# Candidates to leave out')),
      `  from: files\n  paths:\n${paths}`,
    );
  }
  if (draft.targets) set('#targets: [g_vrh, k_vrh]', `targets: [${draft.targets.join(', ')}]`);
  if (draft.rowsPerLeafMin !== undefined) {
    set('#ensemble:', 'ensemble:');
    set('#  booster:', '  booster:');
    set(
      '#    min_data_in_leaf: 20      # rows, 1 to 1000000',
      `    min_data_in_leaf: ${String(draft.rowsPerLeafMin).padEnd(9)} # rows, 1 to 1000000; default 20, which few labels cannot fill`,
    );
  }
  set('  batch: 25 ', `  batch: ${String(draft.batch).padEnd(2)} `);
  set('  labels: 250 ', `  labels: ${String(draft.stopLabels).padEnd(3)} `);
  set('  kind: replay', `  kind: ${draft.calculator}`);
  return text;
}

function dataEntry(data: CampaignDraft['data'][number]): string {
  const { path, columns, structures, unit, lengthUnit, decimal } = data;
  const titles = Object.entries(columns ?? {}).map(([role, title]) => `${role}: ${JSON.stringify(title)}`);
  return [
    `  - path: ${JSON.stringify(path)}`,
    '    label_set: my-dft',
    ...(titles.length > 0 ? [`    columns: {${titles.join(', ')}}`] : []),
    ...(structures === undefined ? [] : [`    structures: ${JSON.stringify(structures)}`]),
    ...(unit === undefined ? [] : [`    unit: ${unit}`]),
    ...(lengthUnit === undefined ? [] : [`    length_unit: ${lengthUnit}`]),
    ...(decimal === undefined ? [] : [`    decimal: ${decimal}`]),
    '',
  ].join('\n');
}

const TEMPLATE = `# A campaign of elastream: what is known, what may be calculated next, and how to choose.
# Options begin with # and no space: remove the # to set one. They hold the default, or say that there is none.
# All keys: docs/campaign-file.md

# 1 to 63 of a-z, 0-9 and -, beginning with none of the -
name: my-campaign

# Every random choice derives from it; 0 to 2147483647
#seed: 1

# What is known: structures with shear and bulk modulus (g_vrh, k_vrh in GPa), as JSON lines, CSV, Parquet, also .gz.
# Paths count from the folder of this file. label_set is any name: it says where labels belong.
data:
  - path: DATA_PATH
    label_set: my-dft
    #kind: file
    # Of a table, what its titles do not tell:
    #columns: {id: material_id, g: G_VRH, k: K_VRH, structure: cif}   # no default
    #structures: structures/   # folder of the structure files that its rows name; no default
    #unit: kbar                # of both moduli: GPa, kbar, Mbar, MPa, Pa, eV/A^3, log10(GPa); no default
    #length_unit: Bohr         # of cells: Angstrom, nm, Bohr; no default
    #decimal: comma            # where numbers are written as 12,5; no default
OTHER_DATA
# Label sets that count, most trusted first, and by which methods
#labels: [{set: my-dft, methods: [dft, replay, simulated]}]   # no default: those of data, by any method

# Labelled materials to leave out: paper, none, or a table; paper is this one
#data_filters:
#  negative_moduli: true
#  above_both_gpa: {g_vrh: 700, k_vrh: 500}   # GPa, where both are above; in a table of your own: no default
#  inert_gases: true
#  radioactive_elements: true

# Structures to choose from. from: data hides the labels of some of data, to measure how fast they are found again;
# from: files takes structures without a label:
#   candidates: {from: files, paths: [structures/]}
candidates:
  from: data
  fraction: 0.5                # above 0, below 1; or count: 600, at least 1 material
  #element: Na                 # only materials that hold it; no default

# Candidates to leave out: paper, none, or a table; none is this one
#candidate_filters:
#  inert_gases: false
#  without_structure_features: false
#  band_gap_min_ev: 0.1                       # eV; no default, paper has 0.1
#  formation_energy_max_ev_per_atom: 0        # eV/atom; no default, paper has 0
#  above_hull_max_ev_per_atom: 0.1            # eV/atom; no default, paper has 0.1
#  sites_max: 49                              # at least 1; no default, paper has 49
#  polymorphs: false                          # true keeps the lowest in formation energy of each formula
#  active_elements: []                        # electrochemically active ones, as in [Fe, Co]

# A random part of the candidates that is never chosen and never trained on: each round's intervals are calibrated on it.
# 100 are few and 1,000 good; without it the STDEV is no error bar. With from: files it is a part of the labelled data.
reserve:
  fraction: 0.1                # above 0, below 1; or count: 100, 0 is none; no default
  #focus_element: Na           # materials that hold it have intervals of their own, where 50 of the reserve do; no default

# all, c+s (composition and structure), c, s, paper (all but formation energy and energy above hull)
#features: paper

# What to predict: shear modulus, bulk modulus; any other number of the labels as {name: band_gap, unit: eV, transform: none}
#targets: [g_vrh, k_vrh]

# Who trains, who measures. Models of Jo, Choi, Kim and Min: 1 keeps an element out of training, 2 draws at random,
# 3 draws by strata and always trains on stiff materials.
sampling:
  model: 2                     # default 2
  #focus_element: Na           # with model 1 alone, which needs it; no default
  #train_from_gpa: {g_vrh: 200, k_vrh: 350}   # GPa, above 0; with model 3 alone, whose default it is
  #test_fraction: 0.2          # of the labelled materials, only ever to measure; above 0, below 1
  #hold_out_fraction: 0.2      # of the remaining labels, for each member others; 0 to below 1
  #train_acquired: true        # false holds out acquired labels as well

# Several models that differ: their spread is the uncertainty
#ensemble:
#  members: 20                 # 1 to 1000; exploration needs 2
#  booster:
#    preset: elastream         # or lightgbm, LightGBM's own settings; what follows overrides the preset
#    trees: 100                # 1 to 100000
#    leaves: 31                # per tree, 2 to 131072
#    learning_rate: 0.1        # above 0, to 10
#    feature_fraction: 0.3     # of the features, for each tree others; above 0, to 1; lightgbm has 1
#    max_bin: 63               # bins per feature, 2 to 65535; lightgbm has 255
#    min_data_in_leaf: 20      # rows, 1 to 1000000

acquisition:
  #strategy: exploration       # or greedy, ucb, ei, pi (extreme values), range (values within limits), random
  batch: 25                    # calculations per round, 1 to 2000
  #weights: {g_vrh: 1, k_vrh: 1}   # of the targets in the choice, at least 0
  #goal: max                   # or min: with greedy, ucb, ei and pi alone
  #beta: 1                     # STDEV, 0 to 100, with ucb alone
  #xi: 0                       # STDEV of the labels, 0 to 100, with ei and pi alone
  #ranges: {g_vrh: {low: 100, high: 200}}   # of the targets, with range alone, which needs it; no default

# Whichever comes first; without either, all candidates are calculated
stop:
  labels: 250                  # labels acquired, at least 1; no default
  #rounds: 10                  # rounds that choose, at least 1; no default

# Who calculates: replay reveals hidden labels, simulated makes them up from the structure, manual waits for you
# ('elastream ask' says for what, 'elastream tell' takes the results), command starts a program of yours
# (docs/calculators.md), espresso calculates with Quantum ESPRESSO (docs/espresso.md)
calculator:
  kind: replay
  #failure_rate: 0             # of the calculations, 0 to 1, to rehearse trouble
  #never_returning_rate: 0     # of the calculations, 0 to 1
  #delay_seconds: 0            # s, how long each takes; at least 0
  #attempts: 3                 # before a material is given up, 1 to 100
  #expire_after_seconds: 86400 # s, when a calculation is no longer waited for; above 0; with manual, command and espresso never by default
  #min_results: 20             # results that close a round early, 1 to 2000; no default: all
  #method: {kind: dft, code: VASP 6.4, functional: PBE, relaxed_ion: true}   # with manual and command alone: how you calculate
  # With command alone:
  #argv: [python3, /opt/moduli.py, '{structure}']   # the program and its arguments, with command alone; no default
  #structure: poscar           # or cif, json; with command alone
  #cores: 1                    # per program; with command alone
  #memory_mib: 2048            # MiB per program; with command alone
  #minutes: 60                 # per program; with command alone
  #launcher: {kind: local, parallel: 1}   # programs at a time; with command alone. A queue (slurm, pbs, lsf):
  # {kind: slurm, partition: main, account: mine, options: [--qos=low], jobs_max: 1000, poll_seconds: 15, ssh: me@host}
  #run_dir: runs               # folder of the runs; with command alone; no default: runs in the campaign's directory
  #core_hours_max: 1000        # core-hours; with command alone; no default
  # With espresso alone, besides cores and what follows it above:
  #program: [pw.x]             # with espresso alone; or [mpirun, -np, '4', pw.x]
  #pseudopotentials: /usr/share/espresso/pseudo   # folder of UPF files, with espresso alone, which needs it; no default
  #files: {Si: Si.pz-vbc.UPF}  # which of several, with espresso alone; no default
  #sha256: {}                  # of the files, filled in by elastream run; with espresso alone; no default
  #cutoff_ry: 40               # Ry, 1 to 1000, or {Si: 20, O: 40}; with espresso alone, which needs it; no default
  #k_spacing: 0.25             # 1/Angstrom, 0.02 to 5; with espresso alone
  #smearing_ry: 0.02           # Ry, 0 to 0.5; with espresso alone
  #strains: [0.01]             # above 0, to 0.1; with espresso alone
  #symmetry_reduced: true      # false strains all six axes; with espresso alone
  #stress_max_gpa: 0.05        # GPa, 0.01 to 10; with espresso alone
`;
