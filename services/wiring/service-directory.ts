import { AppError } from '../../src/model/app-error.ts';
import type { ControlPlane, ServiceNode } from '../../src/ports/control-plane.ts';

/** The connections to the nodes of one service. */
export interface ServiceDirectory<Calls> {
  /**
   * The live nodes, each with a connection.
   * @throws AppError `unavailable` if the registry has never answered
   */
  nodes(): Promise<readonly (ServiceNode & { readonly calls: Calls })[]>;
  close(): void;
}

export interface NodeLink<Calls> {
  readonly calls: Calls;
  /** Ends the running calls with this error. Default: `closed` */
  close(reason?: AppError): void;
}

/**
 * Creates a directory that finds the nodes of a service. While the registry is unavailable, the last known nodes count
 * as alive.
 */
export function createServiceDirectory<Calls>(
  control: Pick<ControlPlane, 'nodes'>,
  service: string,
  connect: (address: string) => NodeLink<Calls>,
): ServiceDirectory<Calls> {
  const links = new Map<string, NodeLink<Calls>>();
  let known: readonly ServiceNode[] | undefined;

  async function living(): Promise<readonly ServiceNode[]> {
    try {
      known = (await control.nodes()).filter((node) => node.service === service && node.address !== undefined);
      return known;
    } catch (error) {
      if (!(error instanceof AppError && error.retryable && known !== undefined)) throw error;
      return known;
    }
  }

  return {
    async nodes() {
      const nodes = await living();
      const addresses = new Set(nodes.map(({ address }) => address!));
      for (const [address, link] of links) {
        if (addresses.has(address)) continue;
        links.delete(address);
        // Its callers live on and find the partitions elsewhere, so they must not take this for their own end.
        link.close(
          new AppError('unavailable', `${service} at ${address} is not announced any more`, { retryable: true }),
        );
      }
      return nodes.map((node) => {
        const link = links.get(node.address!) ?? connect(node.address!);
        links.set(node.address!, link);
        return { ...node, calls: link.calls };
      });
    },
    close() {
      for (const link of links.values()) link.close();
      links.clear();
    },
  };
}
