import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type DescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { loadSync, type MethodDefinition, type PackageDefinition, type ServiceDefinition } from '@grpc/proto-loader';
import { AppError } from '../../model/app-error.ts';

/** A method as its .proto file has it, for callers who know no generated code. */
export interface ContractMethod {
  /** `elastream.v1.Gateway` */
  readonly service: string;
  /** `Tell` */
  readonly name: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestType: string;
  readonly responseType: string;
  /** @throws Error where the value does not fit the message */
  encode(value: object): Uint8Array;
  /** With whole numbers of 64 bits as text, bytes in base64, and NaN and infinity as text. */
  decode(bytes: Uint8Array): object;
}

/** The contracts of protos/, as the package ships them. */
export interface Contracts {
  readonly methods: readonly ContractMethod[];
  /** The files, as reflection gives them away. */
  readonly files: readonly ContractFile[];
  /** Fields of a message by their name in JSON; undefined if there is no such message. */
  fieldsOf(message: string): ReadonlyMap<string, ContractField> | undefined;
  /** The text of a message's definition, with its comments. */
  textOf(message: string): string;
}

interface ContractFile {
  readonly name: string;
  /** What it defines, with its package. */
  readonly symbols: ReadonlySet<string>;
  /** A serialized FileDescriptorProto. */
  readonly bytes: Uint8Array;
}

export interface ContractField {
  readonly isRepeated: boolean;
  /** Bytes are text in base64; whole numbers of 64 bits may be text, too, and so may NaN and infinity. */
  readonly kind: 'message' | 'text' | 'number' | 'boolean';
  /** The message of its values. */
  readonly message?: string;
}

const PACKAGE = 'elastream.v1';
const OPTIONS = { longs: String, enums: String, bytes: String, json: true, arrays: true } as const;

export function loadContracts(): Contracts {
  const root = protosDirectory();
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.proto'));
  const loaded = loadSync(files, { ...OPTIONS, includeDirs: [root] });
  const ours = files.filter((file) => file.startsWith('elastream'));
  const texts = ours.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  const methods = Object.entries(loaded).flatMap(([service, definition]) =>
    'format' in definition || !service.startsWith(`${PACKAGE}.`)
      ? []
      : Object.entries(definition as ServiceDefinition).map(([name, method]) => methodOf(service, name, method)),
  );
  return {
    methods,
    // With the names of fields as they are written there.
    files: filesOf(loadSync(files, { keepCase: true, includeDirs: [root] })),
    fieldsOf(message) {
      const definition = loaded[`${PACKAGE}.${message}`];
      if (definition === undefined || !('format' in definition)) return undefined;
      const { field = [] } = definition.type as { field?: readonly DescribedField[] };
      return new Map(
        field.map(({ name, label, type, typeName }) => [
          camelCase(name),
          {
            isRepeated: label === 'LABEL_REPEATED',
            kind: KINDS[type] ?? 'number',
            ...(type === 'TYPE_MESSAGE' && { message: typeName.slice(typeName.lastIndexOf('.') + 1) }),
          },
        ]),
      );
    },
    textOf: (message) => definitionText(texts, message),
  };
}

interface DescribedField {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
}

const KINDS: Readonly<Record<string, ContractField['kind']>> = {
  TYPE_MESSAGE: 'message',
  TYPE_STRING: 'text',
  TYPE_BYTES: 'text',
  TYPE_ENUM: 'text',
  TYPE_BOOL: 'boolean',
};

/** As protobuf's JSON mapping names fields. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}

function methodOf(service: string, name: string, method: MethodDefinition<object, object>): ContractMethod {
  const { requestStream, responseStream, requestType, responseType } = method;
  const nameOf = ({ type }: { type: object }) => (type as { name: string }).name;
  return {
    ...{ service, name, requestStream, responseStream },
    ...{ requestType: nameOf(requestType), responseType: nameOf(responseType) },
    encode: (value) => method.requestSerialize(value),
    decode: (bytes) => method.responseDeserialize(Buffer.from(bytes)),
  };
}

/** The loader makes one file of each package. */
function filesOf(loaded: PackageDefinition): ContractFile[] {
  const message = Object.values(loaded).find((definition) => 'format' in definition);
  const files = (message as { fileDescriptorProtos?: readonly Uint8Array[] } | undefined)?.fileDescriptorProtos ?? [];
  const symbols = Object.entries(loaded).flatMap(([symbol, definition]) => [
    symbol,
    ...('format' in definition ? [] : Object.keys(definition).map((method) => `${symbol}.${method}`)),
  ]);
  return files.map((bytes) => {
    const file = fromBinary(FileDescriptorProtoSchema, bytes);
    for (const one of file.messageType) qualify(one, file.package);
    for (const method of file.service.flatMap((service) => service.method)) {
      method.inputType = absolute(method.inputType, file.package);
      method.outputType = absolute(method.outputType, file.package);
    }
    return {
      name: file.name,
      symbols: new Set(symbols.filter((symbol) => symbol.startsWith(`${file.package}.`))),
      bytes: toBinary(FileDescriptorProtoSchema, file),
    };
  });
}

/**
 * The loader names the entries of maps otherwise than the language has it, and types without their package. Tools refuse
 * such a file as a whole.
 */
function qualify(message: DescriptorProto, within: string): void {
  const scope = `${within}.${message.name}`;
  for (const entry of message.nestedType) {
    const field = message.field.find(({ typeName }) => entry.options?.mapEntry && typeName === entry.name);
    if (field === undefined) continue;
    entry.name = camelCase(`_${field.name}_entry`);
    field.typeName = entry.name;
  }
  const own = new Set([...message.nestedType, ...message.enumType].map(({ name }) => name));
  for (const field of message.field) {
    const { typeName } = field;
    // A field that may be absent stands in a oneof of its own, which the language would not have shown.
    if (message.oneofDecl[field.oneofIndex]?.name === `_${field.name}`) field.proto3Optional = true;
    if (typeName !== '') field.typeName = absolute(typeName, own.has(typeName) ? scope : within);
  }
}

function absolute(typeName: string, scope: string): string {
  return typeName.startsWith('.') ? typeName : `.${scope}.${typeName}`;
}

/** The compiled file is one folder deeper than its source. */
function protosDirectory(): string {
  for (const above of ['../../../', '../../../../']) {
    const directory = fileURLToPath(new URL(`${above}protos/`, import.meta.url));
    if (existsSync(directory)) return directory;
  }
  throw new AppError('dependency_missing', "elastream's protos/ is missing: install it again");
}

/** From the comment before `message NAME {` to its closing brace. */
function definitionText(texts: string, message: string): string {
  const lines = texts.split('\n');
  const start = lines.findIndex((line) => new RegExp(`^message ${message} \\{`).test(line));
  if (start < 0) return '';
  let first = start;
  while (first > 0 && lines[first - 1]!.startsWith('//')) first--;
  const end = lines[start]!.trimEnd().endsWith('}') ? start : lines.indexOf('}', start);
  return lines.slice(first, end + 1).join('\n');
}
