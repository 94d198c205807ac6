import { eventually, kubectl, pods } from './node.ts';

const CONNECT = `const [, ...addresses] = process.argv;
for (const address of addresses) {
  const [host, port] = address.split(':');
  const socket = require('node:net').connect({ host, port: Number(port), timeout: 3000 });
  const end = (text) => { console.log(address + ' ' + text); socket.destroy(); };
  socket.once('connect', () => end('reached')).once('timeout', () => end('nothing')).once('error', () => end('nothing'));
}`;

/** Whom a pod of the namespace reaches, by the labels that it has. */
async function whomAPodReaches(name: string, labels: string): Promise<string[]> {
  const addresses = (await pods())
    .filter(({ component }) => PORTS[component] !== undefined)
    .map(({ component, address }) => `${address}:${PORTS[component]}`);
  const overrides = JSON.stringify({
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name,
          image: 'docker.io/library/elastream:lab',
          imagePullPolicy: 'Never',
          args: ['-e', CONNECT, ...addresses],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  });
  await kubectl(
    'run',
    name,
    '--image=docker.io/library/elastream:lab',
    '--restart=Never',
    `--labels=${labels}`,
    `--overrides=${overrides}`,
  );
  await eventually(`${name} ended`, async () =>
    (await kubectl('get', 'pod', name, '-o', 'jsonpath={.status.phase}')) === 'Succeeded' ? true : undefined,
  );
  const said = await kubectl('logs', name);
  await kubectl('delete', 'pod', name, '--wait=false');
  const components = new Map((await pods()).map(({ address, component }) => [address, component]));
  return said
    .split('\n')
    .filter((line) => line.endsWith(' reached'))
    .map((line) => components.get(line.split(':')[0]!) ?? line);
}

const PORTS: Readonly<Record<string, number>> = {
  gateway: 7400,
  acquisition: 7400,
  'training-shard': 7400,
  kafka: 9092,
  nats: 4222,
  clickhouse: 8123,
  projection: 7480,
};

export async function networkPolicies(): Promise<string> {
  const stranger = await whomAPodReaches('stranger', 'role=stranger');
  if (stranger.length > 0) throw new Error(`a pod without labels reaches ${stranger.join(', ')}`);
  const client = await whomAPodReaches('client', 'elastream/client=true');
  if ([...new Set(client)].join() !== 'gateway') throw new Error(`a client reaches ${client.join(', ') || 'nobody'}`);
  return 'a pod without labels reaches nothing, a client the gateway alone';
}
