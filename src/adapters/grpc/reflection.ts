import { status } from '@grpc/grpc-js';
import {
  type ServerReflection,
  ServerReflectionDefinition,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '../../protocol/generated/grpc/reflection/v1/reflection.generated.ts';
import { type ServedService, served } from './grpc-server.ts';

/** A .proto file as reflection gives it away. */
export interface DescribedFile {
  readonly name: string;
  /** Services, methods, messages and enumerations that it defines, with its package. */
  readonly symbols: ReadonlySet<string>;
  /** A serialized FileDescriptorProto, which imports no other. */
  readonly bytes: Uint8Array;
}

/** Older clients ask for it by this name; the messages are the same. */
const ALPHA = 'grpc.reflection.v1alpha.ServerReflection';

/** Creates the services by which tools such as grpcurl learn what a server offers. */
export function reflectionServices(services: readonly string[], files: readonly DescribedFile[]): ServedService[] {
  const names = [...services, ServerReflectionDefinition.fullName, ALPHA, 'grpc.health.v1.Health'].toSorted();
  const implementation: ServerReflection = {
    async *ServerReflectionInfo(requests) {
      for await (const request of requests) yield answerTo(request, names, files);
    },
  };
  const service = served<ServerReflection>(ServerReflectionDefinition, implementation);
  return [service, { ...service, definition: { ...service.definition, fullName: ALPHA } }];
}

function answerTo(
  request: ServerReflectionRequest,
  names: readonly string[],
  files: readonly DescribedFile[],
): ServerReflectionResponse {
  const { fileByFilename, fileContainingSymbol, listServices } = request;
  const answer = { validHost: request.host, originalRequest: request };
  if (listServices !== undefined) {
    return { ...answer, listServicesResponse: { service: names.map((name) => ({ name })) } };
  }
  const sought = fileByFilename ?? fileContainingSymbol;
  const file = files.find(({ name, symbols }) =>
    fileByFilename === undefined ? symbols.has(fileContainingSymbol ?? '') : name === fileByFilename,
  );
  if (file) return { ...answer, fileDescriptorResponse: { fileDescriptorProto: [file.bytes] } };
  // There are no extensions in proto3.
  const errorMessage = sought === undefined ? 'there are no extensions here' : `there is no ${sought} here`;
  return { ...answer, errorResponse: { errorCode: status.NOT_FOUND, errorMessage } };
}
