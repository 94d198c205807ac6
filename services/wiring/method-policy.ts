/**
 * Who may call what, where calls are protected by mutual TLS. A caller's identity is the common name of its
 * certificate: a service's is its own name; people and programs are `client`, or `viewer` where they may only look.
 */
export const METHOD_POLICY: Readonly<Record<string, readonly string[]>> = {
  'elastream.v1.TrainingShard/Rank': ['acquisition'],
  'elastream.v1.Campaigns/WatchCampaign': ['gateway', 'client', 'viewer'],
  'elastream.v1.Campaigns/*': ['gateway', 'client'],
  'elastream.v1.Gateway/Submit': ['client'],
  'elastream.v1.Gateway/*': ['client', 'viewer'],
};
