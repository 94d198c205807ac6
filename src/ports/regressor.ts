/** What members train on: the snapshot's training rows, sorted by id, so that every node bins them alike. */
export interface TrainingMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Float64Array[rows * columns], row-major; NaN where a feature is not known. On shared memory it is not copied. */
  readonly values: Float64Array;
}

/** How a column's values are put into bins; the same for all members, because they share the bins. */
export interface BinningSettings {
  /** At most this many bins per feature, 2 to 65,535; up to 255 a bin takes one byte. */
  readonly binsMax: number;
  /** At least this many rows per bin. */
  readonly rowsPerBinMin: number;
}

export interface BoosterSettings {
  readonly trees: number;
  readonly leavesMax: number;
  readonly learningRate: number;
  /** The share of the features that each tree may use, above 0 and at most 1. */
  readonly featureFraction: number;
  readonly rowsPerLeafMin: number;
}

/** One booster to train: a member's model of one target. */
export interface TrainingTask {
  /** Int32Array[n], rows of the matrix, strictly ascending. */
  readonly rows: Int32Array;
  /** Float64Array[n], the target of each of `rows`, finite. Trained on as Float32. */
  readonly targets: Float64Array;
  /** 0 to 2^31 - 1: draws each tree's features. */
  readonly seed: number;
  readonly settings: BoosterSettings;
}

export interface TrainingOptions {
  /** Stops after the tree at work; the promise then fails with `interrupted`. */
  readonly signal?: AbortSignal;
  /** Called with the number of trees grown, a few times a second at most. */
  readonly onProgress?: (treesGrown: number) => void;
}

export interface TrainedBooster {
  /** The stored form of the model. */
  readonly modelText: string;
  /** `h1:` and the SHA-256 of its trees section: the model's identity. */
  readonly treesHash: string;
}

/** Training data in bins, held by the regressor until released. */
export interface BinnedData {
  /** @throws AppError `invalid_argument`, `interrupted`, `internal` (retryable where a worker was lost) */
  train(task: TrainingTask, options?: TrainingOptions): Promise<TrainedBooster>;
  /** Takes no more tasks, lets those under way finish and frees the memory. A second call changes nothing. */
  release(): Promise<void>;
}

/** Trains boosters. The same data, settings and seed give the same trees, whatever else trains beside them. */
export interface Regressor {
  /** Names the engine down to the bytes of its library; part of a member's engine fingerprint. */
  readonly engine: string;
  /** How many boosters train side by side. */
  readonly workers: number;
  bin(matrix: TrainingMatrix, settings: BinningSettings): Promise<BinnedData>;
  /** The identity of a stored model. @throws AppError `input_unreadable` where the text has no trees section */
  treesHash(modelText: string): string;
  /** Stops every task after the tree at work (`interrupted`), frees all data and ends the workers. */
  close(): Promise<void>;
}
