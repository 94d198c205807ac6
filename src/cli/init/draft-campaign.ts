import { basename, dirname, resolve } from 'node:path';
import { type CampaignDraft, DEFAULT_DRAFT } from '../../campaign-file/campaign-template.ts';
import { AppError } from '../../model/app-error.ts';
import { MODULI } from '../../model/target.ts';
import type { Survey } from './survey.ts';

/** Fewer labels leave nothing to learn from once some are set aside to measure. */
const LABELS_MIN = 10;
const BATCH_MAX = 25;
const ROUNDS = 10;
/** Share of the labels that neither test nor hold-out take. */
const TRAINING_SHARE = 0.8 * 0.8;
const HIDDEN_SHARE = 0.5;
/** LightGBM needs several leaves' worth of rows; with fewer rows than this its usual 20 per leaf leave no tree. */
const ROWS_FOR_USUAL_LEAVES = 400;

/**
 * A campaign for what was found: structures without a label are the candidates, else labels are hidden and found again.
 * @param file where the campaign file will be
 * @throws AppError `input_unreadable` where there is too little to learn from
 */
export function draftCampaign(surveys: readonly Survey[], file: string): CampaignDraft {
  const data = surveys.filter(({ labels }) => labels > 0);
  const labels = data.reduce((sum, survey) => sum + survey.labels, 0);
  if (labels < LABELS_MIN) throw tooFew(labels);
  const open = surveys.filter(({ unlabelled }) => unlabelled > 0);
  const unlabelled = open.reduce((sum, survey) => sum + survey.unlabelled, 0);
  const hidden = Math.round(HIDDEN_SHARE * 0.8 * labels);
  const pool = unlabelled > 0 ? unlabelled : hidden;
  const batch = Math.max(1, Math.min(BATCH_MAX, Math.ceil(pool / ROUNDS)));
  const training = Math.round(TRAINING_SHARE * (unlabelled > 0 ? labels : labels - hidden));
  const targets = MODULI.filter((target) => data.some(({ values }) => values[target].length > 0));
  return {
    ...DEFAULT_DRAFT,
    name: nameOf(file),
    data: data.map(({ path, table }) => ({ path, ...table })),
    candidates: unlabelled > 0 ? open.map(({ path }) => path) : undefined,
    ...(targets.length < MODULI.length && { targets }),
    ...(training < ROWS_FOR_USUAL_LEAVES && { rowsPerLeafMin: Math.max(2, Math.floor(training / 20)) }),
    batch,
    stopLabels: Math.min(pool, ROUNDS * batch),
    calculator: unlabelled > 0 ? 'manual' : 'replay',
  };
}

function tooFew(labels: number): AppError {
  const found = labels === 0 ? 'no label was found' : `only ${labels} labels were found`;
  const remedy =
    'a campaign learns from shear and bulk moduli (G_VRH, K_VRH) of structures: name their table, and its columns by --columns g=TITLE,k=TITLE';
  return new AppError('input_unreadable', `${found}; ${remedy}`);
}

/** The file's name, or that of its folder, as a campaign may be called. */
function nameOf(file: string): string {
  const stem = basename(file).replace(/\.[^.]*$/, '');
  const base = stem === 'campaign' || stem === '' || file === '-' ? basename(dirname(resolve(file))) : stem;
  const name = base
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return name === '' ? DEFAULT_DRAFT.name : name;
}
