import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { type ContractMethod, type Contracts, loadContracts } from '../adapters/proto-loader/contracts.ts';
import { AppError } from '../model/app-error.ts';
import type { DefinitionOf } from '../protocol/service-definition.ts';
import { checkedMessage } from './call/checked-message.ts';
import { connectGateway } from './cluster/connect-cluster.ts';

const HELP_AFTER = `
For operators and scripts: any method of a gateway, straight from the contracts (protos/ in the package). Fields are named as in the
contracts or in JSON's way (campaign_json, campaignJson); replies come as JSON, one a line. A method that takes a stream takes
several messages, or one a line from standard input (-).

Examples:
  elastream call                                     # all methods
  elastream call Tell                                # what it takes and gives
  elastream call ListSources '{}' --cluster grpc://127.0.0.1:7400
  elastream call WatchCampaign '{"campaign": "quickstart"}' | jq .round
  elastream call GetOffsets '{"topic": "elastream.labels.v1"}'`;

const GATEWAY = 'grpc://127.0.0.1:7400';

/** `elastream call METHOD JSON`: any method of a gateway. */
export function callCommand(): Command {
  return new Command('call')
    .summary('call any method of a gateway with JSON')
    .description('Calls a method of a gateway; without one it lists them, without a message it describes the method.')
    .argument('[method]', 'such as Tell or elastream.v1.Gateway/Tell')
    .argument('[json...]', 'the request, or - for one a line from standard input')
    .addHelpText('after', HELP_AFTER)
    .action(runCall);
}

async function runCall(
  name: string | undefined,
  json: readonly string[],
  { cluster = GATEWAY }: { readonly cluster?: string },
): Promise<void> {
  const contracts = loadContracts();
  if (name === undefined) return void process.stdout.write(listOf(contracts));
  const method = methodNamed(contracts, name);
  if (json.length === 0) return void process.stdout.write(descriptionOf(contracts, method));
  if (!method.requestStream && json.length > 1) {
    throw new AppError('invalid_argument', `${method.name} takes one message, not ${json.length}: quote it as one`);
  }
  const requests = messages(contracts, method, json);
  // All that are on the command line are checked before the first is sent.
  const request = method.requestStream ? requests : (await requests.next()).value;
  const link = connectGateway(cluster);
  const interrupt = () => link.close(new AppError('interrupted', 'interrupted'));
  process.once('SIGINT', interrupt);
  try {
    const answer = link.client<Calls>(definitionOf(method), { deadlineMs: 0 })[method.name]!(request);
    const replies = method.responseStream ? (answer as AsyncIterable<object>) : [(await answer) as object];
    for await (const reply of replies) process.stdout.write(`${JSON.stringify(reply)}\n`);
  } finally {
    process.off('SIGINT', interrupt);
    link.close();
  }
}

type Calls = Record<string, (request: unknown) => unknown>;

function definitionOf({ service, name, ...method }: ContractMethod): DefinitionOf<Calls> {
  const { requestStream, responseStream } = method;
  const requestType = { encode: (value: object) => ({ finish: () => method.encode(value) }) };
  const responseType = {
    decode: (reader: { readonly len: number; buf: Uint8Array }) => method.decode(takeAll(reader)),
  };
  return {
    fullName: service,
    methods: { [name]: { name, requestStream, responseStream, requestType, responseType } },
  } as unknown as DefinitionOf<Calls>;
}

/** The loader decodes whole messages, and leaves the reader where it is. */
function takeAll(reader: { readonly len: number; buf: Uint8Array; pos?: number }): Uint8Array {
  reader.pos = reader.len;
  return reader.buf;
}

async function* messages(contracts: Contracts, method: ContractMethod, json: readonly string[]) {
  const given = json.filter((text) => text !== '-').map((text) => checkedMessage(contracts, method.requestType, text));
  yield* given;
  if (!json.includes('-')) return;
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() !== '') yield checkedMessage(contracts, method.requestType, line);
  }
}

function methodNamed({ methods }: Contracts, name: string): ContractMethod {
  const [service, own] = name.includes('/') ? name.split('/') : [undefined, name];
  const found = methods.find(
    (method) => method.name === own && (service === undefined || `.${method.service}`.endsWith(`.${service}`)),
  );
  if (found) return found;
  const names = methods.map((method) => method.name).join(', ');
  throw new AppError('invalid_argument', `there is no method "${name}": there are ${names}`);
}

function signatureOf({ name, requestStream, responseStream, requestType, responseType }: ContractMethod): string {
  const stream = (is: boolean) => (is ? 'stream ' : '');
  return `${name}(${stream(requestStream)}${requestType}) returns (${stream(responseStream)}${responseType})`;
}

function listOf({ methods }: Contracts): string {
  const services = [...new Set(methods.map(({ service }) => service))];
  const texts = services.map((service) => {
    const own = methods.filter((method) => method.service === service);
    return `${service}\n${own.map((method) => `  ${signatureOf(method)}\n`).join('')}`;
  });
  return texts.join('\n');
}

/** The method with the messages that it names, and the messages that these name. */
function descriptionOf(contracts: Contracts, method: ContractMethod): string {
  const named = new Set([method.requestType, method.responseType]);
  for (const message of named) {
    for (const { message: inner } of contracts.fieldsOf(message)?.values() ?? []) if (inner) named.add(inner);
  }
  const texts = [...named].map((message) => contracts.textOf(message)).filter((text) => text !== '');
  return `${method.service}/${signatureOf(method)}\n\n${texts.join('\n\n')}\n`;
}
