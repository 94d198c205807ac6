/** All that can go wrong, each with what it means. */
export const FAULTS = {
  /** A call takes 1 ms to 10 s on its way, another time on the way back. */
  delay: 'delay',
  /** Nothing is stored, and the append rejects. */
  appendRefused: 'append refused',
  /** None, some or all is stored, and the append rejects. */
  appendCut: 'append cut',
  /** Another call of the log rejects. */
  logRefused: 'log refused',
  /** A read rejects before its end. */
  readCut: 'read cut',
  /** A read goes on with another partition. */
  readInterleaved: 'read interleaved',
  /** A batch is shorter than it could be. */
  batchCut: 'batch cut',
  /** Offsets are left out. */
  offsetGap: 'offset gap',
  /** A batch that was handled is not committed and comes again at once, after a rebalance. */
  deliveryDoubled: 'delivery doubled',
  /** A commit goes missing; a later rebalance shows it. */
  commitLost: 'commit lost',
  /** All partitions of a group are revoked and shared out anew. */
  rebalance: 'rebalance',
  /** A member is taken for dead while it handles a batch; others get its partitions. */
  memberExpelled: 'member expelled',
  controlRefused: 'control plane refused',
  /** A lease ends before its time, and its holder is not told. */
  leaseLost: 'lease lost',
  progressLost: 'progress lost',
  modelsRefused: 'model store refused',
  /** A model that was stored is not there. */
  modelLost: 'model lost',
  /** A byte of a stored model changes. */
  modelDamaged: 'model damaged',
  resultsRefused: 'result store refused',
  /** Rows are stored, of predictions only some, and the call rejects. */
  resultsCut: 'results cut',
  calculatorRefused: 'calculator refused',
  /** Training, or a featurization, rejects as if its worker thread had died. */
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
  ...{ delay: 0.3, batchCut: 0.3, offsetGap: 0.2, readInterleaved: 0.3, progressLost: 0.2 },
  // Per item or batch: who begins again from the start must get through at some time.
  ...{ sourceCut: 0.005, readCut: 0.02, rebalance: 0.02, memberExpelled: 0.02 },
};
