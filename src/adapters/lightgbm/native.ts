import { AppError } from '../../model/app-error.ts';
import { bindLibrary, SIGNATURES } from './bindings.ts';

/** Address of an object in the library. It is valid on every thread of the process until the object is freed. */
export type Handle = bigint & { readonly __brand: 'LightGbmHandle' };

/** LightGBM's C API; errors are thrown. Each kind of handle has its own `free` function. */
export interface LightGbm {
  createDataset(values: Float64Array, rows: number, columns: number, parameters: string): Handle;
  createSubset(dataset: Handle, rows: Int32Array, parameters: string): Handle;
  setLabels(dataset: Handle, labels: Float32Array): void;
  freeDataset(dataset: Handle): void;
  createBooster(dataset: Handle, parameters: string): Handle;
  /** Grows one tree. Returns true if no leaf can be split any more. */
  growTree(booster: Handle): boolean;
  modelText(booster: Handle): string;
  freeBooster(booster: Handle): void;
  /**
   * What each column adds to a model's prediction (SHAP values, LightGBM's own `predict_contrib`): Float64Array[columns +
   * 1], the last one the model's mean. Their sum is the prediction.
   * Source: Lundberg et al., Nat. Mach. Intell. 2 (2020) 56, doi:10.1038/s42256-019-0138-9.
   */
  contributions(modelText: string, row: Float64Array): Float64Array;
}

const FLOAT32 = 0;
const FLOAT64 = 1;
const ROW_MAJOR = 1;
/** The list of importances in the model text counts splits, not gains. */
const IMPORTANCE_SPLIT = 0;
const ALL_ITERATIONS = -1;
const PREDICT_CONTRIBUTIONS = 3;
/** Twice the size of a model of 100 trees with 31 leaves. A longer text needs a second call. */
const MODEL_TEXT_BYTES = 1 << 20;

/** Loads the library. @throws AppError `dependency_missing` that says what the loader misses */
export function loadLightGbm(path: string): LightGbm {
  const c = bind(path);
  const check = (name: keyof typeof SIGNATURES, ...parameters: unknown[]) => {
    if (c[name](...parameters) === 0) return;
    throw new AppError('internal', `${name}: ${c.LGBM_GetLastError()}`);
  };
  const created = (name: keyof typeof SIGNATURES, ...parameters: unknown[]) => {
    const out: [Handle | null] = [null];
    check(name, ...parameters, out);
    return out[0]!;
  };
  return {
    createDataset: (values, rows, columns, parameters) =>
      created('LGBM_DatasetCreateFromMat', values, FLOAT64, rows, columns, ROW_MAJOR, parameters, null),
    createSubset: (dataset, rows, parameters) =>
      created('LGBM_DatasetGetSubset', dataset, rows, rows.length, parameters),
    setLabels: (dataset, labels) => check('LGBM_DatasetSetField', dataset, 'label', labels, labels.length, FLOAT32),
    freeDataset: (dataset) => check('LGBM_DatasetFree', dataset),
    createBooster: (dataset, parameters) => created('LGBM_BoosterCreate', dataset, parameters),
    growTree(booster) {
      const finished = [0];
      check('LGBM_BoosterUpdateOneIter', booster, finished);
      return finished[0] === 1;
    },
    modelText(booster) {
      let buffer = Buffer.allocUnsafe(MODEL_TEXT_BYTES);
      const save = () => {
        const length = [0];
        const range = [0, ALL_ITERATIONS, IMPORTANCE_SPLIT];
        check('LGBM_BoosterSaveModelToString', booster, ...range, buffer.length, length, buffer);
        return Number(length[0]);
      };
      let length = save();
      if (length > buffer.length) {
        buffer = Buffer.allocUnsafe(length);
        length = save();
      }
      // The length counts the closing zero byte.
      return buffer.toString('utf8', 0, length - 1);
    },
    freeBooster: (booster) => check('LGBM_BoosterFree', booster),
    contributions(text, row) {
      const booster = created('LGBM_BoosterLoadModelFromString', text, [0]);
      try {
        const result = new Float64Array(row.length + 1);
        const range = [PREDICT_CONTRIBUTIONS, 0, ALL_ITERATIONS, 'num_threads=1', [0]];
        check('LGBM_BoosterPredictForMat', booster, row, FLOAT64, 1, row.length, ROW_MAJOR, ...range, result);
        return result;
      } finally {
        check('LGBM_BoosterFree', booster);
      }
    },
  };
}

function bind(path: string) {
  try {
    return bindLibrary(path, SIGNATURES);
  } catch (cause) {
    throw new AppError('dependency_missing', loadFailure(path, String(cause)), { cause });
  }
}

/** Returns the error text for a library that cannot be loaded, with the remedy. */
export function loadFailure(path: string, reason: string): string {
  const remedy = reason.includes('libgomp')
    ? 'LightGBM needs the OpenMP run time: apt-get install libgomp1 (Debian, Ubuntu) or dnf install libgomp (Fedora, RHEL)'
    : reason.includes('libomp')
      ? 'LightGBM needs the OpenMP run time: brew install libomp'
      : 'set LIGHTGBM_LIBRARY to the lib_lightgbm of a LightGBM 4.7.0 built for this machine';
  return `cannot load ${path} (${reason}); ${remedy}`;
}
