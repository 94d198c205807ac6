/**
 * A right for a limited time. It only avoids contention: the writer of a campaign is whoever claimed the epoch in the
 * log, because a lease may be lost with the server that held it.
 */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Greater than that of every earlier holder; what is written under a lower one can be refused. */
  readonly token: number;
}

/** A running service. */
export interface ServiceNode {
  readonly id: string;
  readonly service: string;
  /** Where it answers service calls; absent where calls are direct. */
  readonly address?: string;
  /** Architecture, Node major, LightGBM hash, code version: work goes to equal ones only. */
  readonly engine: string;
  /** Of a training shard: the partitions that it holds now. */
  readonly partitions?: readonly number[];
}

/** How far a campaign's current step is, for eyes only. */
export interface Progress {
  readonly campaign: string;
  readonly round: number;
  readonly step: string;
  readonly done: number;
  readonly total: number;
}

/** What nodes tell each other while they live. Nothing here survives all of them, and nothing has to. */
export interface ControlPlane {
  /** Undefined while another holds it. The holder renews it by this: it gets the same token and a fresh time. */
  acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** Gives it up; no effect where it is another's by now. */
  releaseLease(lease: Lease): Promise<void>;
  /** Enters the node, or shows that it still lives; call again within the time. */
  announce(node: ServiceNode, ttlMs: number): Promise<void>;
  withdraw(nodeId: string): Promise<void>;
  /** Those that live, sorted by id. */
  nodes(): Promise<readonly ServiceNode[]>;
  /** Reaches whoever watches now; may be lost. */
  publishProgress(progress: Progress): Promise<void>;
  /** Calls back until the returned function is called. */
  watchProgress(campaign: string, onProgress: (progress: Progress) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
