import { afterEach, describe, expect, it, vi } from 'vitest';
import { served } from '../../src/adapters/grpc/grpc-server.ts';
import { loadContracts } from '../../src/adapters/proto-loader/contracts.ts';
import { checkedMessage } from '../../src/cli/call/checked-message.ts';
import { callCommand } from '../../src/cli/call.ts';
import {
  type Gateway,
  GatewayDefinition,
  type SubmitRequest,
  type TellRequest,
} from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { grpcPlace } from '../support/grpc-place.ts';

const place = grpcPlace();
const told: TellRequest[] = [];
const gateway = {
  async Tell(request: TellRequest) {
    told.push(request);
    return { outcomes: request.results.map(() => ({ outcome: 'answered', refusal: undefined, attemptsLeft: 0 })) };
  },
  GetOffsets: async () => ({ offsets: [1, 2 ** 53 - 1] }),
  async *Query() {
    yield { piece: Buffer.from('a,b\n') };
  },
  async *Submit(requests: AsyncIterable<SubmitRequest>) {
    for await (const { clientId } of requests) yield { clientId, refusal: undefined };
  },
} as unknown as Gateway;

const lines: string[] = [];
afterEach(() => vi.restoreAllMocks());

async function call(...args: string[]): Promise<string> {
  lines.splice(0);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  const server = await place.serve([served<Gateway>(GatewayDefinition, gateway)]);
  const command = callCommand().option('--cluster <url>').exitOverride();
  await command.parseAsync([...args, '--cluster', `grpc://${server.address}`], { from: 'user' });
  return lines.join('');
}

describe('elastream call', () => {
  it('lists all methods as the contracts have them', async () => {
    const text = await call();
    expect(text).toContain('elastream.v1.Gateway\n  Submit(stream SubmitRequest) returns (stream SubmitReply)\n');
    expect(text).toContain('  PauseCampaign(PauseCampaignRequest) returns (PauseCampaignReply)\n');
  });

  it('describes a method with its messages and their comments', async () => {
    const text = await call('elastream.v1.Gateway/Tell');
    expect(text).toMatch(
      /^elastream\.v1\.Gateway\/Tell\(TellRequest\) returns \(TellReply\)\n\nmessage TellRequest \{\n/,
    );
    expect(text).toContain('  // At most 1000.\n  repeated ToldResult results = 2;');
    expect(text).toContain('// The result of a calculation, or its failure.\nmessage ToldResult {');
  });

  it('sends what JSON says, by either name of a field, and prints what comes', async () => {
    const result = { material_id: 'mp-1', values: [{ target: 'g_vrh', value: 12.5 }], provenance: 'lab' };
    expect(await call('Tell', JSON.stringify({ campaign: 'sodium', results: [result] }))).toMatch(
      /^\{"outcomes":\[\{"outcome":"answered".*\}\]\}\n$/,
    );
    expect(told.at(-1)).toMatchObject({
      campaign: 'sodium',
      results: [{ materialId: 'mp-1', values: [{ target: 'g_vrh', value: 12.5 }] }],
    });
    expect(JSON.parse(await call('GetOffsets', '{"topic":"t"}'))).toEqual({ offsets: ['1', '9007199254740991'] });
    expect(JSON.parse(await call('Query', '{"sql":"SELECT 1"}')).piece).toBe(Buffer.from('a,b\n').toString('base64'));
    const stream = await call('Submit', '{"client_id":"a"}', '{"clientId":"b"}');
    expect(
      stream
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).clientId),
    ).toEqual(['a', 'b']);
  });

  it.each([
    [['Tel', '{}'], 'there is no method "Tel": there are Rank, CreateCampaign,'],
    [['Tell', '{"campaign"'], 'the message is not JSON: '],
    [['Tell', '{"campain": "x"}'], 'TellRequest has no field campain: it has campaign, results, rejections'],
    [['Tell', '{"campaign": 5}'], 'TellRequest.campaign must be a text, not 5'],
    [['Tell', '{"results": {}}'], 'TellRequest.results must be a list, not {}'],
    [
      ['Tell', '{"results": [{"values": [{"value": "x"}]}]}'],
      'TellRequest.results[0].values[0].value must be a number',
    ],
    [['ListTopics', '{"a": 1}'], 'ListTopicsRequest has no field a: it has no fields'],
    [['Tell', '{}', '{}'], 'Tell takes one message, not 2: quote it as one'],
  ])('refuses %j and says why', async (args, message) => {
    await expect(call(...args)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(message),
    });
  });

  it('knows each field of each message that a method takes', () => {
    const contracts = loadContracts();
    expect(contracts.methods.length).toBeGreaterThan(15);
    for (const { requestType } of contracts.methods) expect(checkedMessage(contracts, requestType, '{}')).toEqual({});
  });
});
