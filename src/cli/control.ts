import { Command } from 'commander';
import { AppError } from '../model/app-error.ts';
import type { Campaigns } from '../protocol/generated/elastream/v1/services.generated.ts';
import { isClusterUrl } from './cluster/cluster-url.ts';
import { connectCluster } from './cluster/connect-cluster.ts';

interface Control {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly done: string;
  readonly ask: (campaigns: Campaigns, campaign: string) => Promise<unknown>;
}

const PAUSE: Control = {
  name: 'pause',
  summary: 'let a campaign on a cluster open no new round',
  description: 'Pauses a campaign: what is at work is finished, and nothing new begins until it is resumed.',
  done: 'paused',
  ask: (campaigns, campaign) => campaigns.PauseCampaign({ campaign }),
};

const RESUME: Control = {
  name: 'resume',
  summary: 'let a paused or parked campaign go on',
  description: 'Resumes a campaign that was paused, or parked by a failure that has been mended.',
  done: 'goes on',
  ask: (campaigns, campaign) => campaigns.ResumeCampaign({ campaign }),
};

const CANCEL: Control = {
  name: 'cancel',
  summary: 'end a campaign on a cluster',
  description: 'Ends a campaign for good. What it has learnt and acquired stays; results that come later are kept too.',
  done: 'is cancelled',
  ask: (campaigns, campaign) => campaigns.CancelCampaign({ campaign }),
};

/** `elastream pause --cluster URL CAMPAIGN` */
export const pauseCommand = () => controlCommand(PAUSE);
/** `elastream resume --cluster URL CAMPAIGN` */
export const resumeCommand = () => controlCommand(RESUME);
/** `elastream cancel --cluster URL CAMPAIGN` */
export const cancelCommand = () => controlCommand(CANCEL);

function controlCommand({ name, summary, description, done, ask }: Control): Command {
  return new Command(name)
    .summary(summary)
    .description(`${description} A campaign that runs in this process is stopped with Ctrl-C instead.`)
    .usage('--cluster <url> <campaign>')
    .argument('<campaign...>', "the campaign's name")
    .addHelpText('after', `\nExample:\n  elastream ${name} --cluster grpc://127.0.0.1:7400 quickstart`)
    .action(async ([url, campaign, ...more]: readonly string[]) => {
      // The address that --cluster gave stands first.
      if (url === undefined || !isClusterUrl(url) || campaign === undefined || more.length > 0) {
        const message = `give one campaign and its cluster: elastream ${name} --cluster grpc://host:port CAMPAIGN`;
        throw new AppError('invalid_argument', message);
      }
      const { campaigns, close } = connectCluster(url);
      try {
        await ask(campaigns, campaign);
        process.stderr.write(`${campaign} ${done}\n`);
      } finally {
        await close();
      }
    });
}
