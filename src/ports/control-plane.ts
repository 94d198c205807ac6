/**
 * A right for a limited time. It only avoids contention: a lease can be lost with the server that held it, so the real
 * writer of a campaign is the process that claimed the epoch in the log.
 */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** A fencing token, greater than that of every earlier holder; writes under a lower one can be rejected. */
  readonly token: number;
}

/** A running service. */
export interface ServiceNode {
  readonly id: string;
  readonly service: string;
  /** The address that answers service calls; absent if calls are direct. */
  readonly address?: string;
  /** Architecture, Node major, LightGBM hash, code version: work goes only to nodes with an equal engine. */
  readonly engine: string;
  /** For a training shard: the partitions that it holds now. */
  readonly partitions?: readonly number[];
  /** For a node that calls others: whom it reaches. */
  readonly reach?: Reach;
}

/** What a node that calls a service knows of the ways there. */
export interface Reach {
  readonly service: string;
  /** The nodes of that service that do not answer at the address that they announce: id and reason. */
  readonly silent: Readonly<Record<string, string>>;
}

/** The progress of a campaign's current step, for display only. */
export interface Progress {
  readonly campaign: string;
  readonly round: number;
  readonly step: string;
  readonly done: number;
  readonly total: number;
}

/** What running nodes tell each other. Nothing here survives the end of all nodes, and nothing needs to. */
export interface ControlPlane {
  /**
   * Returns undefined while another node holds the lease. The holder renews the lease by the same call: it keeps its
   * token and gets the full time again.
   */
  acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** Gives up the lease; has no effect if another node holds it by now. */
  releaseLease(lease: Lease): Promise<void>;
  /** Registers the node, or shows that it is still alive; call it again within `ttlMs`. */
  announce(node: ServiceNode, ttlMs: number): Promise<void>;
  withdraw(nodeId: string): Promise<void>;
  /** The live nodes, sorted by id. */
  nodes(): Promise<readonly ServiceNode[]>;
  /** Reaches the current watchers; a message may be lost. */
  publishProgress(progress: Progress): Promise<void>;
  /** Calls `onProgress` until the returned function is called. */
  watchProgress(campaign: string, onProgress: (progress: Progress) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
