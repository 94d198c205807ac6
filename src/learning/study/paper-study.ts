import type { FeatureSet } from '../../featurizers/feature-schema.ts';
import { PAPER_TRAIN_FROM_GPA } from '../ensemble/sampling-model.ts';

export const STUDY_PRESETS = ['short', 'full'] as const;
export type StudyPreset = (typeof STUDY_PRESETS)[number];

export interface StudySettings {
  /** As in a campaign file: counts from where the study is started. */
  readonly data: string;
  readonly members: number;
  readonly preset: StudyPreset;
  /** The element that the study is about. */
  readonly focus: string;
  readonly seed: number;
}

/** A campaign of a study, as a campaign file says it. */
export interface StudyCampaign {
  readonly name: string;
  /** What is special about it, as the tables say. */
  readonly label: string;
  readonly document: Readonly<Record<string, unknown>>;
}

export type PartId = 'features' | 'sampling' | 'threshold' | 'uncertainty' | 'loop' | 'batches';

/** Campaigns that answer one question, and that run side by side. */
export interface StudyPart {
  readonly id: PartId;
  readonly title: string;
  /** Where the paper shows it. */
  readonly shown: string;
  readonly campaigns: readonly StudyCampaign[];
  /** Expected cost: rounds times members, over all campaigns. */
  readonly trainings: number;
}

/** The paper's fixed test set is each member's own; ours is only as large as a campaign must have. */
const TEST_FRACTION = 0.02;
const HOLD_OUT_FRACTION = 0.2;

interface Size {
  readonly pool: object;
  readonly batches: readonly number[];
  readonly explored: number;
  readonly random: number;
  /** Labels that a loop adds. */
  readonly labels: number;
  readonly thresholds: readonly { readonly g_vrh: number; readonly k_vrh: number }[];
}

const SIZES: Readonly<Record<StudyPreset, Size>> = {
  short: {
    pool: { fraction: 0.4 },
    ...{ explored: 40, random: 40, labels: 360, batches: [120] },
    thresholds: [{ g_vrh: 120, k_vrh: 200 }],
  },
  full: {
    pool: { count: 2_432 },
    ...{ explored: 5, random: 100, labels: 2_400, batches: [25, 50, 100, 200] },
    thresholds: [
      { g_vrh: 120, k_vrh: 250 },
      { g_vrh: 150, k_vrh: 300 },
      { g_vrh: 250, k_vrh: 400 },
    ],
  },
};

/** Those of the paper. */
const FEATURE_LABELS: Readonly<Partial<Record<FeatureSet, string>>> = {
  all: 'all features',
  paper: 'without energies, the final set',
  'c+s': 'composition and structure',
  c: 'composition',
  s: 'structure',
};

/** The paper's study as campaigns, in the order in which they run; its settings everywhere but where the label says. */
export function paperStudy(settings: StudySettings): StudyPart[] {
  const { members, preset, focus } = settings;
  const size = SIZES[preset];
  const measuring = (name: string, label: string, changed: object = {}): StudyCampaign => {
    const document = { ...base(settings, name), ...measured(), ...changed };
    return { name: document.name, label, document };
  };
  const pool = { from: 'data', ...size.pool, first: focus };
  const looping = (name: string, label: string, strategy: string, batch: number): StudyCampaign => {
    const changed = { candidates: pool, acquisition: { strategy, batch }, stop: { labels: size.labels } };
    const document = { ...base(settings, name), ...changed };
    return { name: document.name, label, document };
  };
  const rounds = (batch: number) => Math.ceil(size.labels / batch) + 1;
  const part = (id: PartId, title: string, shown: string, campaigns: readonly StudyCampaign[], count: number) => ({
    ...{ id, title, shown, campaigns },
    trainings: count * members,
  });
  const features = Object.entries(FEATURE_LABELS).map(([set, label]) =>
    measuring(`features-${set.replace('+', '-')}`, label, { features: set }),
  );
  const sampling = [
    measuring('sampling-1', `Model 1: ${focus} only in the test set`, {
      sampling: rowsOf(1, { focus_element: focus }),
    }),
    measuring('sampling-2', `Model 2: ${focus} in both`, { sampling: rowsOf(2) }),
    measuring('sampling-3', 'Model 3: stiff materials always train', { sampling: rowsOf(3) }),
  ];
  const thresholds = [...size.thresholds, PAPER_TRAIN_FROM_GPA]
    .toSorted((a, b) => a.g_vrh - b.g_vrh)
    .map(({ g_vrh, k_vrh }) =>
      measuring(`threshold-${g_vrh}-${k_vrh}`, `G from ${g_vrh}, K from ${k_vrh} GPa always train`, {
        sampling: rowsOf(3, { train_from_gpa: { g_vrh, k_vrh } }),
      }),
    );
  const batches = size.batches.map((batch) =>
    looping(`exploration-${batch}`, `exploration, ${batch} a round`, 'exploration', batch),
  );
  return [
    part('features', 'Feature sets', 'Fig. 3, S1', features, features.length),
    part('sampling', 'Sampling models', 'Fig. 4, S2', sampling, sampling.length),
    part('threshold', "Model 3's threshold", 'S3', thresholds, thresholds.length),
    part(
      'uncertainty',
      'Uncertainty of the candidates',
      'Fig. 5, S2',
      [measuring('candidates', 'before the first', { candidates: pool })],
      1,
    ),
    part(
      'loop',
      'Exploration against random',
      'Figs. 6, 7, S3',
      [
        looping('exploration', `exploration, ${size.explored} a round`, 'exploration', size.explored),
        looping('random', `random, ${size.random} a round`, 'random', size.random),
      ],
      rounds(size.explored) + rounds(size.random),
    ),
    part(
      'batches',
      'Batch sizes',
      'S4',
      batches,
      size.batches.reduce((sum, batch) => sum + rounds(batch), 0),
    ),
  ];
}

function base({ data, members, seed }: StudySettings, name: string) {
  return {
    name: `paper-${name}`,
    seed,
    data: [{ path: data, label_set: 'dft' }],
    features: 'paper',
    sampling: rowsOf(3),
    ensemble: { members, booster: { preset: 'lightgbm' } },
    calculator: { kind: 'replay' },
  };
}

/** Trains once, on all but one label, and measures. */
function measured() {
  return { candidates: { from: 'data', count: 1 }, acquisition: { strategy: 'random', batch: 1 }, stop: { rounds: 0 } };
}

function rowsOf(model: 1 | 2 | 3, changed: object = {}) {
  return { model, test_fraction: TEST_FRACTION, hold_out_fraction: HOLD_OUT_FRACTION, ...changed };
}
