import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SERVICES } from '../../deploy/local/running-cluster.ts';
import { VARIABLES } from '../../services/wiring/environment.ts';
import { readConfig } from '../../services/wiring/read-config.ts';
import { CHART, describeWithHelm, helm, type Resource, rendered } from '../support/helm/describe-with-helm.ts';
import { WRONG_VALUES } from '../support/helm/wrong-values.ts';

const SITES = ['trial', 'centre', 'cloud'];
const MONITORED = ['monitoring.prometheusRule.enabled=false', 'monitoring.dashboard.enabled=false'];

interface Settings {
  readonly site?: string;
  readonly set: readonly string[];
  readonly says: RegExp;
}

/** Settings that the schema allows, and that do not go together or are not enough. */
const INSUFFICIENT: readonly Settings[] = [
  { set: [], says: /kafka\.brokers is missing/ },
  { set: [], says: /nats\.servers is missing/ },
  { set: [], says: /clickhouse\.url is missing/ },
  { set: [], says: /clickhouse\.existingSecret is missing/ },
  { set: [], says: /tls\.enabled is false/ },
  {
    site: 'trial',
    set: ['kafka.brokers=["kafka:9092"]'],
    says: /kafka\.brokers and kafka\.builtIn\.enabled are set: choose one/,
  },
  { site: 'trial', set: ['kafka.replicas=3'], says: /kafka\.replicas is 3, but kafka\.builtIn has one broker/ },
  { site: 'trial', set: ['insecureNetwork=false'], says: /nats\.tls\.enabled is false/ },
  { site: 'centre', set: ['kafka.minInsyncReplicas=5'], says: /kafka\.minInsyncReplicas is 5/ },
  { site: 'centre', set: ['kafka.tls.existingSecret=""'], says: /kafka\.tls\.existingSecret is missing/ },
  { site: 'centre', set: ['kafka.sasl.existingSecret=""'], says: /kafka\.sasl\.existingSecret is missing/ },
  { site: 'centre', set: ['kafka.sasl.mechanism=""'], says: /kafka\.sasl\.mechanism is missing/ },
  {
    site: 'centre',
    set: ['nats.nkey.existingSecret="seed"'],
    says: /nats\.nkey\.existingSecret and nats\.credentials/,
  },
  { site: 'centre', set: ['clickhouse.url="http://clickhouse:8123"'], says: /clickhouse\.url is not https/ },
  {
    site: 'centre',
    set: ['clickhouse.reader.existingSecret=""'],
    says: /clickhouse\.reader\.existingSecret is missing/,
  },
  { site: 'centre', set: ['tls.existingSecrets.gateway=""'], says: /tls\.existingSecrets\.gateway is missing/ },
  { site: 'centre', set: ['tls.clientSecret=""'], says: /tls\.clientSecret is missing/ },
  { site: 'cloud', set: ['tls.certManager.issuerRef.name=""'], says: /tls\.certManager\.issuerRef\.name is missing/ },
  { site: 'cloud', set: ['autoscaling.services.featurization.min=20'], says: /featurization\.min is 20/ },
];

const podsOf = (resources: readonly Resource[]) =>
  resources.flatMap((resource) => (resource.kind === 'Pod' ? [resource] : (resource.spec?.template ?? [])));
const ofKind = (resources: readonly Resource[], kind: string) => resources.filter((resource) => resource.kind === kind);

describeWithHelm('helm/elastream', () => {
  it.each(SITES)('passes helm lint --strict as the site %s', async (site) => {
    const off = MONITORED.flatMap((setting) => ['--set', setting]);
    const { said, ok } = await helm('lint', '--strict', CHART, '-f', join(CHART, `values-${site}.yaml`), ...off);
    expect(said).toContain('1 chart(s) linted, 0 chart(s) failed');
    expect(ok).toBe(true);
  });

  it.each(SITES)('makes pods of the site %s that a restricted namespace admits, without a token', async (site) => {
    const pods = podsOf(await rendered(site, ...MONITORED));
    expect(pods.length).toBeGreaterThanOrEqual(SERVICES.length);
    for (const { spec } of pods) {
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const { securityContext, resources } of spec.containers) {
        expect(securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(resources).toMatchObject({
          requests: { memory: expect.anything() },
          limits: { memory: expect.anything() },
        });
      }
    }
  });

  it.each(SITES)('sets each service of the site %s up as the program reads it', async (site) => {
    const resources = await rendered(site, ...MONITORED);
    for (const service of SERVICES) {
      const { spec } = ofKind(resources, 'Deployment').find(
        ({ metadata }) => metadata.name === `elastream-${service}`,
      )!;
      const [container] = spec.template.spec.containers;
      const env: { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } }[] = container.env;
      expect(env.find(({ name }) => name === 'ELASTREAM_GRPC_ADVERTISE')?.valueFrom?.fieldRef.fieldPath).toBe(
        'status.podIP',
      );
      expect(env.map(({ name }) => name).filter((name) => !(name in VARIABLES))).toEqual([]);
      const environment = Object.fromEntries(env.map(({ name, value }) => [name, value ?? 'from-the-pod']));
      const config = readConfig({ environment, node: service });
      expect(config.insecure).toBe(site === 'trial');
      expect(container.startupProbe && container.livenessProbe && container.readinessProbe).toBeTruthy();
      const files = env.flatMap(({ name, value }) => (name.endsWith('_FILE') ? [value!] : []));
      const mounts: string[] = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
      expect(files.filter((file) => !mounts.includes(file.slice(0, file.lastIndexOf('/'))))).toEqual([]);
    }
  });

  it('has a disruption budget for each service, and denies what no policy allows', async () => {
    const resources = await rendered('centre', ...MONITORED);
    expect(ofKind(resources, 'PodDisruptionBudget')).toHaveLength(SERVICES.length);
    const deny = ofKind(resources, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'elastream-deny')!;
    expect(deny.spec).toEqual({
      podSelector: {
        matchLabels: { 'app.kubernetes.io/name': 'elastream', 'app.kubernetes.io/instance': 'elastream' },
      },
      policyTypes: ['Ingress', 'Egress'],
    });
  });

  it('scales shards by the lag of their topic alone, or by CPU', async () => {
    const keda = ofKind(await rendered('cloud', ...MONITORED), 'ScaledObject').find(({ metadata }) =>
      metadata.name.endsWith('shard'),
    )!;
    expect(keda.spec.triggers[0].metadata).toMatchObject({
      consumerGroup: 'training',
      topic: 'elastream.training.v1',
      lagThreshold: '20',
    });
    const hpa = ofKind(await rendered('trial', 'autoscaling.kind="hpa"'), 'HorizontalPodAutoscaler');
    expect(hpa.map(({ spec }) => spec.scaleTargetRef.name)).toEqual([
      'elastream-featurization',
      'elastream-training-shard',
    ]);
  });

  it('gives each Kafka user of Strimzi its own rights', async () => {
    const users = ofKind(await rendered('cloud', ...MONITORED), 'KafkaUser');
    expect(users.map(({ metadata }) => metadata.name).toSorted()).toEqual(
      SERVICES.map((service) => `elastream-${service}`).toSorted(),
    );
    const ingestion = users.find(({ metadata }) => metadata.name === 'elastream-ingestion')!;
    const writes = ingestion.spec.authorization.acls.filter(({ operations }: { operations: string[] }) =>
      operations.includes('Write'),
    );
    expect(writes.map(({ resource }: { resource: { name: string } }) => resource.name)).not.toContain(
      'elastream.campaigns.v1',
    );
  });

  it.each(INSUFFICIENT)('says what is wrong with $set of $site: $says', async ({ site, set, says }) => {
    const file = site === undefined ? [] : ['-f', join(CHART, `values-${site}.yaml`)];
    const { ok, said } = await helm(
      'template',
      'elastream',
      CHART,
      ...file,
      ...set.flatMap((one) => ['--set-json', one]),
    );
    expect(ok).toBe(false);
    expect(said).toMatch(says);
  });

  it('refuses each wrong value by the name of its field', async () => {
    const unnamed: string[] = [];
    for (const { field, value } of WRONG_VALUES) {
      const path = field.split('/');
      const set = path.slice(1).reduceRight<unknown>((within, key) => ({ [key]: within }), value);
      const { ok, said } = await helm(
        'template',
        'elastream',
        CHART,
        '-f',
        join(CHART, 'values-trial.yaml'),
        '--set-json',
        `${path[0]}=${JSON.stringify(set)}`,
      );
      if (ok || !said.includes(path.at(-1)!)) unnamed.push(`${field}: ${said.slice(0, 300)}`);
    }
    expect(unnamed).toEqual([]);
  }, 60_000);
});
