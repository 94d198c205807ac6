import { expect, it } from 'vitest';
import { served } from '../../../src/adapters/grpc/grpc-server.ts';
import {
  type TrainingShard,
  TrainingShardDefinition,
} from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { parseTraceparent } from '../../../src/runtime/trace-context.ts';
import { grpcPlace } from '../../support/grpc-place.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';

const place = grpcPlace();
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

it('runs a call in the trace of its caller, the body of a stream of answers too', async () => {
  const [caller, answerer] = [recordedTelemetry().telemetry, recordedTelemetry().telemetry];
  const seen: string[] = [];
  const shard: TrainingShard = {
    // biome-ignore lint/correctness/useYield: it answers nothing
    async *Rank() {
      await Promise.resolve();
      seen.push(answerer.traceparent());
    },
  };
  const server = await place.serve([served<TrainingShard>(TrainingShardDefinition, shard)], { trace: answerer });
  const link = place.connect(server.address, { trace: caller });
  const client = link.client<TrainingShard>(TrainingShardDefinition);
  const request = {
    campaign: 'c',
    round: 1,
    snapshotHash: 'h1:',
    partitions: [],
    models: [],
    keep: 0,
    lowestPolymorphs: [],
  };
  await caller.inTrace(PARENT, { name: 'test' }, async () => {
    for await (const _ of client.Rank(request)) expect.unreachable();
  });
  expect(seen.map((text) => parseTraceparent(text)?.traceId)).toEqual(['0af7651916cd43dd8448eb211c80319c']);
  expect(seen[0]).not.toContain('b7ad6b7169203331');
});
