import type { RoundContents } from '../../learning/campaign/round-contents.ts';
import type { FrozenData } from '../../learning/data/campaign-data.ts';
import type { MaterialCatalogue } from '../../learning/data/material-catalogue.ts';
import type { InputRejected } from '../../model/events.ts';
import type { Label } from '../../model/label.ts';
import type { CampaignHistory, RoundHistory } from '../../reading/campaign-history.ts';

/** What a report needs to know of a campaign, wherever its log is read. */
export interface ReportedCampaign {
  readonly history: CampaignHistory;
  readonly catalogue: Pick<MaterialCatalogue, 'version' | 'versions'>;
  readonly frozen: Pick<FrozenData, 'dropped' | 'labelled' | 'criteria'>;
  /** What the log has refused, of this and other campaigns. */
  readonly rejected: readonly InputRejected[];
  /** When a calculation ended, RFC 3339; without a label where its result was refused. */
  ending(calculationId: string): { readonly at: string; readonly label?: Label } | undefined;
  /** What a round trained on and chose from. */
  contents(round: RoundHistory): RoundContents;
}
