import type { ServiceNode } from '../ports/control-plane.ts';

/**
 * Returns why nobody reaches this node, undefined if somebody does or nobody tries. Only others can tell: a container
 * resolves its own host name, which none of the others knows. One caller that reaches no node at all is cut off itself,
 * so a node is out of reach only if each caller says so.
 */
export function outOfReach(
  { id, service, address }: Pick<ServiceNode, 'id' | 'service' | 'address'>,
  nodes: readonly ServiceNode[],
): string | undefined {
  const callers = nodes.filter(({ reach }) => reach?.service === service);
  const silent = callers.filter(({ reach }) => reach?.silent[id] !== undefined);
  if (silent.length === 0 || silent.length < callers.length) return undefined;
  const [first] = silent;
  const who = silent.map((caller) => caller.id).join(', ');
  return (
    `nobody reaches this node at ${address}, which it announces: ${first!.reach!.silent[id]} (told by ${who}); ` +
    'set grpc.advertise (ELASTREAM_GRPC_ADVERTISE) to a host or address by which the other services reach it'
  );
}
