import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';

/** The version that docker-compose.yml has too. */
export const CLICKHOUSE_IMAGE = 'clickhouse/clickhouse-server:25.8';
const PORT = 8123;

export async function hasContainerEngine(): Promise<boolean> {
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}

/** A real ClickHouse server, with nothing in it. */
export async function startClickHouseContainer(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const container = await new GenericContainer(CLICKHOUSE_IMAGE)
    // Without it the server lets nobody in who comes from another address and gives no password.
    .withEnvironment({ CLICKHOUSE_SKIP_USER_SETUP: '1' })
    .withExposedPorts(PORT)
    .withUlimits({ nofile: { soft: 262_144, hard: 262_144 } })
    .withWaitStrategy(Wait.forHttp('/ping', PORT))
    .start();
  return {
    url: `http://${container.getHost()}:${container.getMappedPort(PORT)}`,
    stop: async () => void (await container.stop()),
  };
}
