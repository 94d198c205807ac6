import koffi from 'koffi';

type Signature = readonly [result: 'int' | 'str', parameters: readonly string[]];

/**
 * The functions of LightGBM's C API that this adapter calls: result, then parameters.
 * A handle is an address (bigint). It is valid on every thread of the process, because the library is loaded once.
 * An `_Out_` parameter takes a one-element array. Checked against c_api.h of LightGBM 4.7.0.
 */
export const SIGNATURES = {
  LGBM_GetLastError: ['str', []],
  // data, data_type, nrow, ncol, is_row_major, parameters, reference, out
  LGBM_DatasetCreateFromMat: [
    'int',
    ['void *', 'int', 'int32_t', 'int32_t', 'int', 'const char *', 'void *', '_Out_ void **'],
  ],
  // handle, used_row_indices, num_used_row_indices, parameters, out
  LGBM_DatasetGetSubset: ['int', ['void *', 'int32_t *', 'int32_t', 'const char *', '_Out_ void **']],
  // handle, field_name, field_data, num_element, type
  LGBM_DatasetSetField: ['int', ['void *', 'const char *', 'void *', 'int', 'int']],
  LGBM_DatasetFree: ['int', ['void *']],
  // train_data, parameters, out
  LGBM_BoosterCreate: ['int', ['void *', 'const char *', '_Out_ void **']],
  // handle, is_finished
  LGBM_BoosterUpdateOneIter: ['int', ['void *', '_Out_ int *']],
  // handle, start_iteration, num_iteration, feature_importance_type, buffer_len, out_len, out_str
  LGBM_BoosterSaveModelToString: ['int', ['void *', 'int', 'int', 'int', 'int64_t', '_Out_ int64_t *', 'void *']],
  // model_str, out_num_iterations, out
  LGBM_BoosterLoadModelFromString: ['int', ['const char *', '_Out_ int *', '_Out_ void **']],
  // handle, data, data_type, nrow, ncol, is_row_major, predict_type, start_iteration, num_iteration, parameters, out_len,
  // out_result
  LGBM_BoosterPredictForMat: [
    'int',
    [
      ...['void *', 'void *', 'int', 'int32_t', 'int32_t', 'int', 'int', 'int', 'int', 'const char *'],
      ...['_Out_ int64_t *', 'double *'],
    ],
  ],
  LGBM_BoosterFree: ['int', ['void *']],
} as const satisfies Record<string, Signature>;

type NativeFunction = (...parameters: unknown[]) => unknown;
export type Bound<Table> = { readonly [Name in keyof Table]: NativeFunction };

/** Loads a shared library and binds the functions of a signature table. Throws the loader's error. */
export function bindLibrary<Table extends Record<string, Signature>>(path: string, table: Table): Bound<Table> {
  const library = koffi.load(path);
  const bind = ([name, [result, parameters]]: [string, Signature]) => [
    name,
    library.func(`${result} ${name}(${parameters.join(', ')})`) as NativeFunction,
  ];
  return Object.fromEntries(Object.entries(table).map(bind)) as Bound<Table>;
}
