import { Command } from 'commander';
import type { Campaigns } from '../protocol/generated/elastream/v1/services.generated.ts';
import { connectPlace } from './place/connect-place.ts';

interface Control {
  readonly summary: string;
  readonly description: string;
  readonly done: string;
  readonly ask: (campaigns: Campaigns, campaign: string) => Promise<unknown>;
}

const HELP_AFTER = `
Examples:
  elastream NAME --dir quickstart quickstart
  elastream NAME --cluster grpc://127.0.0.1:7400 quickstart`;

const PAUSE: Control = {
  summary: 'let a campaign open no new round',
  description: 'Pauses a campaign: what is at work is finished, and nothing new begins until it is resumed.',
  done: 'paused',
  ask: (campaigns, campaign) => campaigns.PauseCampaign({ campaign }),
};

const RESUME: Control = {
  summary: 'let a paused or parked campaign go on',
  description: 'Resumes a campaign that was paused, or parked by a failure that has been mended.',
  done: 'goes on',
  ask: (campaigns, campaign) => campaigns.ResumeCampaign({ campaign }),
};

const CANCEL: Control = {
  summary: 'end a campaign for good',
  description: 'Ends a campaign for good. What it has learnt and acquired stays; results that come later are kept too.',
  done: 'is cancelled',
  ask: (campaigns, campaign) => campaigns.CancelCampaign({ campaign }),
};

/** `elastream pause --dir DIR CAMPAIGN` */
export const pauseCommand = () => controlCommand(new Command('pause'), PAUSE);
/** `elastream resume --dir DIR CAMPAIGN` */
export const resumeCommand = () => controlCommand(new Command('resume'), RESUME);
/** `elastream cancel --dir DIR CAMPAIGN` */
export const cancelCommand = () => controlCommand(new Command('cancel'), CANCEL);

function controlCommand(command: Command, { summary, description, done, ask }: Control): Command {
  return command
    .summary(summary)
    .description(
      `${description} Where no process runs a directory, its log keeps the request for the next 'elastream run'.`,
    )
    .argument('<dir>')
    .argument('<campaign>', "the campaign's name")
    .addHelpText('after', HELP_AFTER.replaceAll('NAME', command.name()))
    .action(async (place: string, campaign: string) => {
      const { campaigns, close } = await connectPlace(place);
      try {
        await ask(campaigns, campaign);
        process.stderr.write(`${campaign} ${done}\n`);
      } finally {
        await close();
      }
    });
}
