import { knock } from '../../src/adapters/grpc/knock.ts';
import type { ControlPlane, ServiceNode } from '../../src/ports/control-plane.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { combineServices, type Service, type ServicePorts } from '../../src/runtime/service.ts';
import { type Announcements, startAnnouncements } from './announcements.ts';
import { startReachWatch } from './reach-watch.ts';

/** Keeps this node in the registry, and watches whom it reaches and who reaches it. `calls`: the service it calls. */
export function startRegistration(
  node: ServiceNode,
  parts: {
    readonly control: ControlPlane;
    readonly ports: Pick<ServicePorts, 'clock'> & { readonly telemetry: Telemetry };
    readonly calls?: string;
  },
): Service & Pick<Announcements, 'change'> {
  const { control, calls } = parts;
  const { clock, telemetry } = parts.ports;
  const announcements = startAnnouncements(node, {
    ...{ control, clock },
    onFailure: (error) => telemetry.log('warn', 'the registry was not told of this node', { err: error }),
  });
  const watch = startReachWatch(node, {
    ...{ control, clock, telemetry, announcements, knock },
    ...(calls !== undefined && { calls }),
  });
  return { ...combineServices([announcements, watch]), change: announcements.change };
}
