import { createServer } from 'node:http';
import { join } from 'node:path';
import kafkajs, { type Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../../deploy/local/free-ports.ts';
import { type KafkaCluster, startKafkaCluster } from '../../../deploy/local/kafka/kafka-cluster.ts';
import { openKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { builtProgram, runNode } from '../../support/cli.ts';
import { type ServiceProcess, startServiceProcess } from '../../support/cluster/service-process.ts';
import { events } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWithKafka } from '../../support/kafka/describe-with-kafka.ts';

const MAIN = join(builtProgram(), 'services/featurization/main.js');
const MATERIALS = 'elastream.materials.v1';
const KEPT = {
  ...{ 'retention.ms': '-1', 'compression.type': 'uncompressed', 'message.timestamp.type': 'LogAppendTime' },
};
const NOWHERE = { KAFKA_BROKERS: '127.0.0.1:1' };
/** One broker, whose topics this test alters. */
const HERE = { KAFKA_REPLICAS: '1', KAFKA_FLUSH: '0' };
const start = (env: Readonly<Record<string, string>>) => startServiceProcess(MAIN, env);

describe("a service's process", () => {
  it.each(['--help', '-h'])('explains itself with %s', async (flag) => {
    const { code, stdout, stderr } = await runNode([MAIN, flag]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Usage: node dist/services/featurization/main.js [--config FILE]');
    expect(stdout).toMatch(/KAFKA_BROKERS .*\[kafka.brokers\]/);
  });

  it.each([
    [
      'no brokers',
      [],
      {},
      /^featurization: the configuration cannot be used:\n {2}kafka.brokers \(KAFKA_BROKERS\) is missing: it must/,
    ],
    [
      'a wrong value',
      [],
      { ...NOWHERE, ELASTREAM_LOG_LEVEL: 'loud' },
      /log.level \(ELASTREAM_LOG_LEVEL\) must be one of debug.*, not "loud"/,
    ],
    ['an unknown option', ['--brokers'], NOWHERE, /^featurization: Unknown option '--brokers'/],
    ['a file that is not there', ['--config', 'absent.yaml'], NOWHERE, /^featurization: absent.yaml cannot be read/],
    ['no TLS to another machine', [], { KAFKA_BROKERS: '10.0.0.1:9092' }, /must be protected:\n {2}kafka.brokers 10/],
  ] as const)('ends at once with code 2 for %s', async (_, args, env, text) => {
    const { code, stdout, stderr } = await runNode([MAIN, ...args], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(text);
    expect(stderr).not.toContain('    at ');
  });

  it('says plainly that its address is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const listen = `127.0.0.1:${(taken.address() as { port: number }).port}`;
    const { code, stderr } = await runNode([MAIN], { env: { ...NOWHERE, ELASTREAM_HTTP_LISTEN: listen } });
    taken.close();
    const why = `featurization: cannot listen on ${listen}: EADDRINUSE; give another address for health and metrics\n`;
    expect({ code, stderr }).toEqual({ code: 1, stderr: why });
  });

  it('waits for Kafka, says so once, and stops at once when it is told to', async () => {
    const service = start(NOWHERE);
    await service.said('waiting for Kafka');
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    const begun = performance.now();
    service.signal('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(service.lines().map(({ level, msg }) => [level, msg])).toEqual([['warn', 'waiting for Kafka']]);
    expect(service.lines()[0]!.err!.message).toMatch(/127.0.0.1:1: Kafka does not answer/);
  });
});

describeWithKafka(
  "a service's process beside a broker",
  () => {
    let cluster: KafkaCluster;
    let admin: Admin;
    let http: string;
    const running = new Set<ServiceProcess>();
    beforeAll(async () => {
      cluster = await startKafkaCluster(1);
      admin = new kafkajs.Kafka({ brokers: [...cluster.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
      await admin.connect();
      [http] = (await freePorts(1)).map((port) => `127.0.0.1:${port}`) as [string];
    }, 400_000);
    afterAll(async () => {
      for (const service of running) service.signal('SIGKILL');
      await admin?.disconnect();
      await cluster?.stop();
    });

    const startHere = (env: Readonly<Record<string, string>> = {}) => {
      const service = start({ ...HERE, KAFKA_BROKERS: cluster.brokers.join(','), ELASTREAM_HTTP_LISTEN: http, ...env });
      running.add(service);
      return service;
    };
    const ready = async (service: ServiceProcess) => {
      await service.said('ready');
      expect((await fetch(`http://${http}/health/ready`)).status).toBe(200);
    };

    it('becomes ready, and stops well with SIGTERM', async () => {
      const service = startHere();
      await ready(service);
      service.signal('SIGTERM');
      expect(await service.ended).toBe(0);
      expect(service.lines().map(({ msg }) => msg)).toEqual(['ready', 'stopping']);
    });

    it('ends at once with a second signal', async () => {
      const service = startHere();
      await ready(service);
      // It cannot hand over its partitions.
      await cluster.freeze(0);
      service.signal('SIGINT');
      await service.said('stopping');
      service.signal('SIGTERM');
      expect(await service.ended).toBe(130);
      cluster.thaw(0);
    });

    it('ends with code 1 where it cannot go on', async () => {
      const log = await openKafkaEventLog({ brokers: cluster.brokers, clientId: 'test' });
      await log.append({ topic: MATERIALS, partition: 0 }, events(3));
      await log.close();
      await admin.fetchTopicOffsets(MATERIALS);
      await admin.deleteTopicRecords({ topic: MATERIALS, partitions: [{ partition: 0, offset: '2' }] });
      const service = startHere();
      expect(await service.ended).toBe(1);
      const { level, msg, err } = service.lines().at(-1)!;
      expect([level, msg, err!.code]).toEqual(['error', 'ended', 'storage_corrupt']);
    });

    const refused = async () => {
      const service = startHere();
      expect(await service.ended).toBe(2);
      const [said, ...more] = service.lines();
      expect([said?.msg, more]).toEqual(['ended', []]);
      return said!.err!.message;
    };

    it.each([
      ['retention.ms', '60000', '-1'],
      ['cleanup.policy', 'compact', 'delete'],
    ])('ends with code 2 for a topic that does not keep everything: %s=%s', async (name, value, wanted) => {
      const alter = (to: string) => {
        const configEntries = Object.entries({ ...KEPT, [name]: to }).map(([key, set]) => ({ name: key, value: set }));
        const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: MATERIALS, configEntries }];
        return admin.alterConfigs({ validateOnly: false, resources });
      };
      await alter(value);
      const command = `--alter --entity-type topics --entity-name $topic --add-config ${name}=${wanted}; done`;
      const said = await refused();
      expect(said).toContain(`topic ${MATERIALS} has ${name}=${value}, not ${wanted}`);
      expect(said).toContain(`for topic in ${MATERIALS}; do kafka-configs.sh --bootstrap-server `);
      expect(said).toContain(command);
      await alter(wanted);
    });

    it('ends with code 2 for a topic with too few partitions', async () => {
      await admin.deleteTopics({ topics: [MATERIALS] });
      await eventually(async () => !(await admin.listTopics()).includes(MATERIALS));
      const configEntries = Object.entries(KEPT).map(([name, value]) => ({ name, value }));
      const topics = [{ topic: MATERIALS, numPartitions: 8, configEntries }];
      await admin.createTopics({ waitForLeaders: false, topics });
      await eventually(async () => (await admin.listTopics()).includes(MATERIALS));
      expect(await refused()).toMatch(/materials.v1 has 8 partitions, not 64: .*delete the topic if it is empty/);
    });
  },
  { ownBrokers: true },
);
