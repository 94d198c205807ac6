import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../services/wiring/read-config.ts';
import { served } from '../../../src/adapters/grpc/grpc-server.ts';
import { reflectionServices } from '../../../src/adapters/grpc/reflection.ts';
import { loadContracts } from '../../../src/adapters/proto-loader/contracts.ts';
import { type Gateway, GatewayDefinition } from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import {
  type ServerReflection,
  ServerReflectionDefinition,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '../../../src/protocol/generated/grpc/reflection/v1/reflection.generated.ts';
import { grpcPlace } from '../../support/grpc-place.ts';

const place = grpcPlace();
const ALPHA = { ...ServerReflectionDefinition, fullName: 'grpc.reflection.v1alpha.ServerReflection' };

async function asked(
  definition: typeof ServerReflectionDefinition | typeof ALPHA,
  ...requests: Partial<ServerReflectionRequest>[]
): Promise<ServerReflectionResponse[]> {
  const own = [served<Gateway>(GatewayDefinition, {} as Gateway)];
  const reflection = reflectionServices([GatewayDefinition.fullName], loadContracts().files);
  const server = await place.serve([...own, ...reflection]);
  const client = place
    .connect(server.address)
    .client<ServerReflection>(definition as typeof ServerReflectionDefinition);
  async function* given() {
    for (const request of requests) yield { host: 'here', ...request } as ServerReflectionRequest;
  }
  const answers: ServerReflectionResponse[] = [];
  for await (const answer of client.ServerReflectionInfo(given())) answers.push(answer);
  return answers;
}

describe('server reflection', () => {
  it.each([ServerReflectionDefinition, ALPHA])('lists the services, by $fullName', async (definition) => {
    const [answer] = await asked(definition, { listServices: '*' });
    expect(answer!.listServicesResponse!.service.map(({ name }) => name)).toEqual([
      'elastream.v1.Gateway',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
    ]);
    expect(answer).toMatchObject({ validHost: 'here', originalRequest: { listServices: '*' } });
  });

  it('gives the file of a service, a method, a message, or a name, and of nothing else', async () => {
    const answers = await asked(
      ServerReflectionDefinition,
      { fileContainingSymbol: 'elastream.v1.Gateway' },
      { fileContainingSymbol: 'elastream.v1.Gateway.Tell' },
      { fileContainingSymbol: 'elastream.v1.TellRequest' },
      { fileContainingSymbol: 'grpc.health.v1.Health' },
      { fileByFilename: 'elastream_v1.proto' },
      { fileContainingSymbol: 'elastream.v1.Nothing' },
      { fileByFilename: '../../package.json' },
      { allExtensionNumbersOfType: 'elastream.v1.TellRequest' },
      {},
    );
    const files = answers.map(({ fileDescriptorResponse: found }) => found && Buffer.concat(found.fileDescriptorProto));
    expect(files[0]!.includes('TellRequest')).toBe(true);
    expect([files[1], files[2], files[4]]).toEqual([files[0], files[0], files[0]]);
    expect(files[3]!.includes('HealthCheckRequest')).toBe(true);
    const errors = answers.slice(5).map(({ errorResponse }) => errorResponse);
    expect(errors.map((error) => error?.errorCode)).toEqual([5, 5, 5, 5]);
    expect(errors[0]!.errorMessage).toBe('there is no elastream.v1.Nothing here');
  });

  it('gives descriptors that the language allows: maps with entries of their own name, fields as they are written', () => {
    const file = loadContracts().files.find(({ name }) => name === 'elastream_v1.proto')!;
    const registry = createFileRegistry(fromBinary(FileDescriptorProtoSchema, file.bytes), () => undefined);
    const reply = registry.getMessage('elastream.v1.CreateCampaignReply')!;
    const kinds = Object.fromEntries(reply.fields.map(({ name, fieldKind }) => [name, fieldKind]));
    expect(kinds).toMatchObject({ campaign: 'scalar', config_hash: 'scalar', labels_left_out: 'map' });
    const entry = fromBinary(FileDescriptorProtoSchema, file.bytes)
      .messageType.find(({ name }) => name === 'CreateCampaignReply')!
      .nestedType.map(({ name }) => name);
    expect(entry).toEqual(['LabelsLeftOutEntry']);
    expect(registry.getMessage('elastream.v1.AskRequest')!.fields.map(({ proto }) => proto.proto3Optional)).toEqual([
      false,
      true,
    ]);
  });

  it('is off unless it is told, where others could ask', () => {
    const own = { environment: { KAFKA_BROKERS: '127.0.0.1:1', ELASTREAM_GRPC_REFLECTION: '1' }, node: 'n' };
    expect(readConfig(own).grpc.reflection).toBe(true);
    expect(readConfig({ ...own, environment: { KAFKA_BROKERS: '127.0.0.1:1' } }).grpc.reflection).toBeUndefined();
  });
});
