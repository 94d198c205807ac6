import { BinaryReader } from '@bufbuild/protobuf/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVICES } from '../../../deploy/local/running-cluster.ts';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { METHOD_POLICY } from '../../../services/wiring/method-policy.ts';
import type { ServedService } from '../../../src/adapters/grpc/grpc-server.ts';
import type { GrpcSecurity } from '../../../src/adapters/grpc/renewed-certificates.ts';
import { AppError } from '../../../src/model/app-error.ts';
import {
  CampaignsDefinition,
  GatewayDefinition,
  TrainingShardDefinition,
} from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { ServerReflectionDefinition } from '../../../src/protocol/generated/grpc/reflection/v1/reflection.generated.ts';
import type { ServiceDefinition, ServiceMethod } from '../../../src/protocol/service-definition.ts';
import { certificateAuthority } from '../../support/certificates.ts';
import { grpcPlace } from '../../support/grpc-place.ts';

const ALPHA = { ...ServerReflectionDefinition, fullName: 'grpc.reflection.v1alpha.ServerReflection' };
const DEFINITIONS = [
  ...[GatewayDefinition, CampaignsDefinition, TrainingShardDefinition],
  ...[ServerReflectionDefinition, ALPHA],
] as unknown as ServiceDefinition[];
const IDENTITIES = ['viewer', 'submitter', 'operator', 'client', 'somebody', ...SERVICES];
const LOOKS = ['viewer', 'operator', 'client'];
const OPERATES = ['operator', 'client', 'gateway'];
/** Written out again: what the table of the policy says by mistake, this one does not. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  Submit: ['submitter', 'client'],
  Ask: ['viewer', 'operator', 'client', 'submitter'],
  Work: ['submitter', 'client'],
  Tell: ['submitter', 'client'],
  ListSources: ['submitter', ...LOOKS],
  ...{ Predict: LOOKS, ListTopics: LOOKS, GetOffsets: LOOKS, ReadEvents: LOOKS, GetModel: LOOKS, Query: LOOKS },
  ...{ CreateCampaign: OPERATES, PauseCampaign: OPERATES, ResumeCampaign: OPERATES, CancelCampaign: OPERATES },
  RaiseStopRule: OPERATES,
  WatchCampaign: ['gateway', ...LOOKS],
  Rank: ['acquisition'],
  ServerReflectionInfo: ['submitter', ...LOOKS],
};
const METHODS = DEFINITIONS.flatMap((definition) =>
  Object.values(definition.methods).map((method) => ({ definition, method, name: method.name })),
);

describe('who may call what', () => {
  const place = grpcPlace();
  const scratch = scratchDirectory();
  const issued = new Map<string, GrpcSecurity>();
  beforeAll(() => {
    const issue = certificateAuthority(scratch.path);
    for (const identity of ['server', ...IDENTITIES]) issued.set(identity, issue(identity));
  });
  afterAll(() => scratch.remove());

  it.each(METHODS)('$definition.fullName/$name', async ({ definition, method, name }) => {
    const { address } = await place.serve([reached(definition)], {
      security: issued.get('server')!,
      authorize: METHOD_POLICY,
    });
    const outcomes = await Promise.all(
      IDENTITIES.map(async (identity) => {
        const link = place.connect(address, { security: issued.get(identity)! });
        return [identity, await called(link.client(definition as never), method)];
      }),
    );
    const expected = IDENTITIES.map((who) => [who, ALLOWED[name]!.includes(who) ? 'reached' : `${who} may not call`]);
    expect(outcomes).toEqual(expected);
  });

  it('is told of every method by its own name', () => {
    const names = METHODS.map(({ definition, name }) => `${definition.fullName}/${name}`);
    expect(Object.keys(METHOD_POLICY).sort()).toEqual(names.sort());
  });
});

/** A service whose methods tell that they were reached. */
function reached(definition: ServiceDefinition): ServedService {
  const tell = () => {
    throw new AppError('dependency_missing', 'reached');
  };
  const names = Object.values(definition.methods).map(({ name }) => name);
  return { definition, implementation: Object.fromEntries(names.map((name) => [name, tell])) };
}

type Calls = Readonly<Record<string, (request: unknown) => unknown>>;

async function called(calls: Calls, { name, requestStream, requestType, responseStream }: ServiceMethod) {
  const request = requestStream ? nothing() : requestType.decode(new BinaryReader(new Uint8Array()));
  try {
    const answer = calls[name]!(request);
    if (!responseStream) await answer;
    else for await (const _ of answer as AsyncIterable<unknown>) throw new Error('answered');
    return 'answered';
  } catch (error) {
    return /reached$|[\w-]+ may not call/.exec((error as Error).message)?.[0] ?? (error as Error).message;
  }
}

async function* nothing(): AsyncGenerator<never> {}
