import type { CallLimits } from '../../src/adapters/grpc/call-limits.ts';
import type { ServiceConfig } from './service-config.ts';

/*
 * Who may call what, where calls are protected by mutual TLS. A caller's identity is the common name of its certificate:
 * a service's is its own name; of people and programs it is the role that they were given one for.
 */

/** May look: the log, the models, the tables, predictions, how campaigns stand. */
const VIEW = ['viewer', 'operator', 'client'];
/** May bring data, and ask what is there already. */
const SUBMIT = ['submitter', 'client'];
/** May begin, pause, resume and cancel campaigns. The gateway passes on what it was asked. */
const OPERATE = ['operator', 'client', 'gateway'];

/** Method by method: what is not named here, nobody may call. `client` is all three roles in one. */
export const METHOD_POLICY: Readonly<Record<string, readonly string[]>> = {
  'elastream.v1.TrainingShard/Rank': ['acquisition'],
  'elastream.v1.Campaigns/CreateCampaign': OPERATE,
  'elastream.v1.Campaigns/PauseCampaign': OPERATE,
  'elastream.v1.Campaigns/ResumeCampaign': OPERATE,
  'elastream.v1.Campaigns/CancelCampaign': OPERATE,
  'elastream.v1.Campaigns/RaiseStopRule': OPERATE,
  'elastream.v1.Campaigns/WatchCampaign': [...VIEW, 'gateway'],
  'elastream.v1.Gateway/Submit': SUBMIT,
  'elastream.v1.Gateway/ListSources': [...VIEW, 'submitter'],
  'elastream.v1.Gateway/Predict': VIEW,
  'elastream.v1.Gateway/ListTopics': VIEW,
  'elastream.v1.Gateway/GetOffsets': VIEW,
  'elastream.v1.Gateway/ReadEvents': VIEW,
  'elastream.v1.Gateway/GetModel': VIEW,
  'elastream.v1.Gateway/Query': VIEW,
};

const KIB = 2 ** 10;
const MIB = 2 ** 20;

/** What each client of a gateway may have at a time. Services ask each other as often as they must. */
export function callLimits(limits: ServiceConfig['limits']): CallLimits {
  const limit = (name: 'submit_streams' | 'followers' | 'queries' | 'calls', requestBytesMax: number) => ({
    ...{ callsMax: limits[name], setting: `limits.${name}`, requestBytesMax },
  });
  return {
    // A message of empty messages is many times as large in memory: none is larger than it has to be. An item that is
    // a little too large for the log is still refused by itself.
    'elastream.v1.Gateway/Submit': limit('submit_streams', 2 * MIB + 64 * KIB),
    'elastream.v1.Gateway/ReadEvents': limit('followers', 256 * KIB),
    'elastream.v1.Campaigns/WatchCampaign': limit('followers', 4 * KIB),
    'elastream.v1.Gateway/Query': limit('queries', 512 * KIB),
    'elastream.v1.Gateway/Predict': limit('queries', 2 * MIB),
    'elastream.v1.Campaigns/CreateCampaign': limit('calls', 8 * MIB),
    '*': limit('calls', 4 * KIB),
  };
}
