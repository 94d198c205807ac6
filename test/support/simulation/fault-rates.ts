/** All simulated faults, each with its meaning. */
export const FAULTS = {
  /** A call takes 1 ms to 10 s to arrive, and a different time to return. */
  delay: 'delay',
  /** Nothing is stored, and the append rejects. */
  appendRefused: 'append refused',
  /** None, some or all events are stored, and the append rejects. */
  appendCut: 'append cut',
  /** Another call of the log rejects. */
  logRefused: 'log refused',
  /** A read rejects before its end. */
  readCut: 'read cut',
  /** A read switches to another partition. */
  readInterleaved: 'read interleaved',
  /** A batch is shorter than it could be. */
  batchCut: 'batch cut',
  /** Some offsets are skipped. */
  offsetGap: 'offset gap',
  /** A handled batch is not committed and is delivered again at once, after a rebalance. */
  deliveryDoubled: 'delivery doubled',
  /** A commit is lost; a later rebalance shows it. */
  commitLost: 'commit lost',
  /** All partitions of a group are revoked and assigned again. */
  rebalance: 'rebalance',
  /** A member is declared dead while it handles a batch; others get its partitions. */
  memberExpelled: 'member expelled',
  controlRefused: 'control plane refused',
  /** A lease ends too early, and its holder is not notified. */
  leaseLost: 'lease lost',
  progressLost: 'progress lost',
  modelsRefused: 'model store refused',
  /** A stored model is missing. */
  modelLost: 'model lost',
  /** A byte of a stored model changes. */
  modelDamaged: 'model damaged',
  resultsRefused: 'result store refused',
  /** Rows are stored, but only some of the predictions, and the call rejects. */
  resultsCut: 'results cut',
  calculatorRefused: 'calculator refused',
  /** A training or a featurization rejects as if its worker thread had died. */
  workerLost: 'worker lost',
  /** A source rejects before its end. */
  sourceCut: 'source cut',
} as const;

export type Fault = keyof typeof FAULTS;

/** The probability of each fault, per operation that it can befall. */
export type FaultRates = Readonly<Record<Fault, number>>;

const everywhere = (rate: number) =>
  Object.fromEntries(Object.keys(FAULTS).map((fault) => [fault, rate])) as Record<Fault, number>;

export const CALM: FaultRates = everywhere(0);
export const ROUGH: FaultRates = {
  ...everywhere(0.05),
  delay: 0.3,
  batchCut: 0.3,
  offsetGap: 0.2,
  readInterleaved: 0.3,
  progressLost: 0.2,
  // Per item or batch: a reader that starts again must be able to finish at some time.
  sourceCut: 0.005,
  readCut: 0.02,
  rebalance: 0.02,
  memberExpelled: 0.02,
};
