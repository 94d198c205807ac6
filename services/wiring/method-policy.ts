import type { CallLimits } from '../../src/adapters/grpc/call-limits.ts';
import type { ServiceConfig } from './service-config.ts';

/*
 * Who may call which method, if calls are protected by mutual TLS. The common name of its certificate identifies a
 * caller: a service by its own name, people and programs by their role.
 */

/** Roles that may read: the log, the models, the tables, predictions, and the state of campaigns. */
const VIEW = ['viewer', 'operator', 'client'];
/** Roles that may submit data, tell results and list the sources that exist. */
const SUBMIT = ['submitter', 'client'];
/** Roles that may create, pause, resume and cancel campaigns, and raise their stop rules. The gateway forwards such calls. */
const OPERATE = ['operator', 'client', 'gateway'];

/** Who may do anything may ask what there is. */
const REFLECT = [...VIEW, 'submitter'];

/** The roles by method. Nobody may call a method that is missing here. `client` has all three roles. */
export const METHOD_POLICY: Readonly<Record<string, readonly string[]>> = {
  'elastream.v1.TrainingShard/Rank': ['acquisition'],
  'elastream.v1.Campaigns/CreateCampaign': OPERATE,
  'elastream.v1.Campaigns/PauseCampaign': OPERATE,
  'elastream.v1.Campaigns/ResumeCampaign': OPERATE,
  'elastream.v1.Campaigns/CancelCampaign': OPERATE,
  'elastream.v1.Campaigns/RaiseStopRule': OPERATE,
  'elastream.v1.Campaigns/WatchCampaign': [...VIEW, 'gateway'],
  'elastream.v1.Gateway/Submit': SUBMIT,
  'elastream.v1.Gateway/Ask': [...VIEW, 'submitter'],
  'elastream.v1.Gateway/Work': SUBMIT,
  'elastream.v1.Gateway/Tell': SUBMIT,
  'elastream.v1.Gateway/ListSources': [...VIEW, 'submitter'],
  'elastream.v1.Gateway/Predict': VIEW,
  'elastream.v1.Gateway/ListTopics': VIEW,
  'elastream.v1.Gateway/GetOffsets': VIEW,
  'elastream.v1.Gateway/ReadEvents': VIEW,
  'elastream.v1.Gateway/GetModel': VIEW,
  'elastream.v1.Gateway/Query': VIEW,
  'grpc.reflection.v1.ServerReflection/ServerReflectionInfo': REFLECT,
  'grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo': REFLECT,
};

const KIB = 2 ** 10;
const MIB = 2 ** 20;

type CountLimit = 'submit_streams' | 'followers' | 'queries' | 'calls';

/** Limits per client of a gateway. Calls between services have no limit. */
export function callLimits(limits: Pick<ServiceConfig['limits'], CountLimit>): CallLimits {
  const limit = (name: CountLimit, requestBytesMax: number) => ({
    callsMax: limits[name],
    setting: `limits.${name}`,
    requestBytesMax,
  });
  return {
    // A message of many empty messages is many times larger in memory, so each limit is as small as possible. An item
    // that is slightly too large for the log is still refused on its own, without ending the stream.
    'elastream.v1.Gateway/Submit': limit('submit_streams', 2 * MIB + 64 * KIB),
    'elastream.v1.Gateway/ReadEvents': limit('followers', 256 * KIB),
    'elastream.v1.Campaigns/WatchCampaign': limit('followers', 4 * KIB),
    'elastream.v1.Gateway/Work': limit('followers', 4 * KIB),
    'elastream.v1.Gateway/Query': limit('queries', 512 * KIB),
    'elastream.v1.Gateway/Predict': limit('queries', 2 * MIB),
    'elastream.v1.Gateway/Tell': limit('calls', 2 * MIB),
    'elastream.v1.Campaigns/CreateCampaign': limit('calls', 8 * MIB),
    '*': limit('calls', 4 * KIB),
  };
}
