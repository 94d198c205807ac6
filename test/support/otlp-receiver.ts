import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BinaryReader } from '@bufbuild/protobuf/wire';

/** A span as a collector gets it (opentelemetry.proto.trace.v1.Span). */
export interface ReceivedSpan {
  readonly service: string;
  readonly node: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 2 is an error. */
  readonly status: { readonly code: number; readonly message: string };
}

export interface OtlpReceiver {
  /** Base URL, as `OTEL_EXPORTER_OTLP_ENDPOINT` has it. */
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  /** Paths and content types of the requests. */
  readonly requests: readonly string[];
  /** Answers further requests with this HTTP status. */
  answer(status: number): void;
  close(): Promise<void>;
}

/** A collector that takes traces by OTLP over HTTP, in protobuf, and keeps them. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const requests: string[] = [];
  let status = 200;
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    requests.push(`${request.method} ${request.url} ${request.headers['content-type']}`);
    if (status === 200) spans.push(...exportedSpans(body));
    // An empty ExportTraceServiceResponse: everything was taken.
    response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    answer(code) {
      status = code;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

type Fields = ReadonlyMap<number, readonly unknown[]>;

/** The fields of a message by number: numbers as bigint, everything else as bytes. */
function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, unknown[]>();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const value = [() => BigInt(reader.uint64()), () => BigInt(reader.fixed64()), () => reader.bytes()][wireType]?.();
    const list = fields.get(number) ?? [];
    fields.set(number, list);
    if (value === undefined) list.push(BigInt(reader.fixed32()));
    else list.push(value);
  }
  return fields;
}

const all = (fields: Fields, number: number) => (fields.get(number) ?? []) as Uint8Array[];
const bytes = (fields: Fields, number: number) => all(fields, number)[0] ?? new Uint8Array();
const text = (fields: Fields, number: number) => Buffer.from(bytes(fields, number)).toString();
const hex = (fields: Fields, number: number) => Buffer.from(bytes(fields, number)).toString('hex');
const whole = (fields: Fields, number: number) => ((fields.get(number) ?? [])[0] as bigint | undefined) ?? 0n;

/** ExportTraceServiceRequest: resource_spans = 1. ResourceSpans: resource = 1, scope_spans = 2. ScopeSpans: spans = 2. */
function exportedSpans(request: Uint8Array): ReceivedSpan[] {
  return all(fieldsOf(request), 1).flatMap((one) => {
    const resourceSpans = fieldsOf(one);
    const resource = attributesOf(fieldsOf(bytes(resourceSpans, 1)), 1);
    const [service, node] = [String(resource['service.name']), String(resource['service.instance.id'])];
    return all(resourceSpans, 2)
      .flatMap((scope) => all(fieldsOf(scope), 2))
      .map((span) => ({ service, node, ...spanOf(fieldsOf(span)) }));
  });
}

function spanOf(span: Fields): Omit<ReceivedSpan, 'service' | 'node'> {
  const status = fieldsOf(bytes(span, 15));
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    kind: Number(whole(span, 6)),
    startNs: whole(span, 7),
    endNs: whole(span, 8),
    attributes: attributesOf(span, 9),
    links: all(span, 13)
      .map(fieldsOf)
      .map((link) => ({ traceId: hex(link, 1), spanId: hex(link, 2) })),
    status: { message: text(status, 2), code: Number(whole(status, 3)) },
  };
}

/** KeyValue: key = 1, value = 2. AnyValue: string = 1, bool = 2, int = 3, double = 4. */
function attributesOf(fields: Fields, number: number): Record<string, unknown> {
  const pairs = all(fields, number).map(fieldsOf);
  return Object.fromEntries(
    pairs.map((pair) => {
      const value = fieldsOf(bytes(pair, 2));
      if (value.has(1)) return [text(pair, 1), text(value, 1)];
      if (value.has(2)) return [text(pair, 1), whole(value, 2) === 1n];
      return [text(pair, 1), Number(whole(value, 3))];
    }),
  );
}

/** A trace as lines, each part below what caused it; alike parts side by side are one line. */
export function traceText(trace: readonly ReceivedSpan[]): string {
  const lines: string[] = [];
  const startNs = trace.reduce((least, span) => (span.startNs < least ? span.startNs : least), trace[0]!.startNs);
  const ms = (ns: bigint) => Math.round(Number(ns) / 1e6);
  const childrenOf = (spanId: string) =>
    trace.filter((span) => span.parentSpanId === spanId).sort((a, b) => Number(a.startNs - b.startNs));
  const label = ({ service, name }: ReceivedSpan) => `${service.replace('elastream-', '')}: ${name}`;
  const write = (spans: readonly ReceivedSpan[], indent: string) => {
    for (const text of new Set(spans.map(label))) {
      const group = spans.filter((span) => label(span) === text);
      const first = group[0]!;
      const links = group.reduce((sum, span) => sum + span.links.length, 0);
      const count = `${group.length > 1 ? ` x ${group.length}` : ''}${links > 0 ? ` (links: ${links})` : ''}`;
      lines.push(
        `${indent}${text}${count}  at ${ms(first.startNs - startNs)} ms, ${ms(first.endNs - first.startNs)} ms`,
      );
      write(
        group.flatMap(({ spanId }) => childrenOf(spanId)),
        `${indent}  `,
      );
    }
  };
  write(childrenOf(''), '');
  return `${lines.join('\n')}\n`;
}
