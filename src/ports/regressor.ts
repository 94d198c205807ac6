/** The data that members train on: the snapshot's training rows, sorted by id, so that every node bins them alike. */
export interface TrainingMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Float64Array[rows * columns], row-major; NaN for unknown features. It is not copied if in shared memory. */
  readonly values: Float64Array;
}

/** The binning of the columns; it is the same for all members, because they share the bins. */
export interface BinningSettings {
  /** The largest number of bins per feature, 2 to 65,535; with up to 255, a bin takes one byte. */
  readonly binsMax: number;
  /** The smallest number of rows per bin. */
  readonly rowsPerBinMin: number;
}

export interface BoosterSettings {
  readonly trees: number;
  readonly leavesMax: number;
  readonly learningRate: number;
  /** The fraction of the features that each tree may use, above 0 and at most 1. */
  readonly featureFraction: number;
  readonly rowsPerLeafMin: number;
  /** `l1` minimizes absolute instead of squared errors. */
  readonly objective?: 'l1';
  /** The fraction of the rows that each tree sees, above 0 and at most 1; absent for all. */
  readonly baggingFraction?: number;
  /** Weight of the squared leaf values; absent for 0. */
  readonly lambdaL2?: number;
  /** Tries one random threshold per feature. */
  readonly extraTrees?: true;
}

/** One booster to train: a member's model of one target. */
export interface TrainingTask {
  /** Int32Array[n], rows of the matrix, strictly ascending. */
  readonly rows: Int32Array;
  /** Float64Array[n], the target value of each of `rows`, finite. Training uses it as Float32. */
  readonly targets: Float64Array;
  /** 0 to 2^31 - 1; determines what is drawn for each tree: features, rows, thresholds. */
  readonly seed: number;
  readonly settings: BoosterSettings;
}

export interface TrainingOptions {
  /** Stops after the current tree; the promise then rejects with `interrupted`. */
  readonly signal?: AbortSignal;
  /** Called with the number of trees grown, at most a few times per second. */
  readonly onProgress?: (treesGrown: number) => void;
}

export interface TrainedBooster {
  /** The stored form of the model. */
  readonly modelText: string;
  /** `h1:` and the SHA-256 of its trees section: the model's identity. */
  readonly treesHash: string;
}

/** Training data in bins; the regressor holds them until they are released. */
export interface BinnedData {
  /** @throws AppError `invalid_argument`, `interrupted`, `internal` (retryable if a worker was lost) */
  train(task: TrainingTask, options?: TrainingOptions): Promise<TrainedBooster>;
  /** Accepts no more tasks, waits for the running ones and frees the memory. A second call has no effect. */
  release(): Promise<void>;
}

/** Trains boosters. The same data, settings and seed give the same trees, whatever else is trained concurrently. */
export interface Regressor {
  /** Names the engine, including the bytes of its library; part of a member's engine fingerprint. */
  readonly engine: string;
  /** The number of boosters that train concurrently. */
  readonly workers: number;
  bin(matrix: TrainingMatrix, settings: BinningSettings): Promise<BinnedData>;
  /** The identity of a stored model. @throws AppError `input_unreadable` if the text has no trees section */
  treesHash(modelText: string): string;
  /** Stops every task after its current tree (`interrupted`), frees all data and ends the workers. */
  close(): Promise<void>;
}
