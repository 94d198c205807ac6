import { once } from 'node:events';
import { isGeometric } from '../../featurizers/feature-schema.ts';
import type { CampaignConfig } from '../../learning/campaign/campaign-config.ts';
import { parkedReason } from '../../learning/campaign/campaign-step.ts';
import { AppError } from '../../model/app-error.ts';
import { createCampaignHistories } from '../../reading/campaign-history.ts';
import { TOPICS } from '../../reading/campaign-log.ts';
import { createCampaignStates } from '../../reading/campaign-states.ts';
import { follow } from '../../reading/follow.ts';
import { assertOurs } from '../campaign/campaign-directory.ts';
import { isClusterUrl, placeArgument } from '../cluster/cluster-url.ts';
import { listenForInterruption } from '../interruption.ts';
import type { Arm } from './arms.ts';
import { bringData } from './bring-data.ts';
import { type CampaignHost, openHost } from './campaign-host.ts';
import { createCampaigns } from './create-campaigns.ts';
import { openClusterLink } from './open-cluster-link.ts';
import { openLoop } from './open-loop.ts';
import { createQuestions } from './questions.ts';
import { createRunDisplay, type RunDisplay } from './run-display.ts';

export interface RunRequest {
  /** Paths in the campaigns count from its folder. */
  readonly campaignFile: string;
  /** On the same data. */
  readonly arms: readonly Arm[];
  /** Or a cluster's gateway. */
  readonly directory: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly tables: boolean;
  /** Whether to wait for what people calculate. */
  readonly wait: boolean;
  readonly workers?: number;
  /** Of each campaign, the rounds whose models are kept; a cluster has its own setting. */
  readonly keepModels?: number;
}

/**
 * Runs campaigns to their end, or goes on with them where they were stopped.
 * @returns what it waits for where it ended because people must calculate, a line per campaign
 * @throws AppError `interrupted` where the user stopped it: the same command goes on
 */
export async function runCampaign(request: RunRequest): Promise<readonly string[]> {
  if (!isClusterUrl(request.directory)) assertOurs(request.directory);
  const display = createRunDisplay(request);
  const interrupted = new AbortController();
  // From before anything is open, so that the first signal never ends the program by itself.
  const interruption = listenForInterruption(() => {
    if (!isClusterUrl(request.directory)) display.note('finishing what is at work; press Ctrl-C again to stop at once');
    interrupted.abort();
  });
  let asking: readonly string[] = [];
  let failure: unknown;
  try {
    asking = await runOpened(request, display, interrupted.signal);
  } catch (error) {
    failure = error;
  }
  display.clear();
  // Goes on listening, so that a second signal in these last moments ends with the same code.
  if (interrupted.signal.aborted) throw stoppedByUser(request.directory, display);
  interruption.dispose();
  if (failure !== undefined) throw failure;
  return asking;
}

async function runOpened(request: RunRequest, display: RunDisplay, signal: AbortSignal): Promise<readonly string[]> {
  const { directory, tables, workers, keepModels } = request;
  const wanted = request.arms.map(({ config }) => config.features).find(isGeometric);
  const link = isClusterUrl(directory)
    ? openClusterLink(directory, signal)
    : await openLoop(directory, {
        ...{ tables, note: display.note, features: wanted },
        ...(workers !== undefined && { workers }),
        ...(keepModels !== undefined && { keepModels }),
      });
  const opened = await openHost(link);
  try {
    signal.throwIfAborted();
    const asking = await Promise.race([complete(request, opened, display, signal), opened.failed]);
    await opened.close();
    return asking;
  } catch (error) {
    // What closing fails at follows from it.
    await opened.close().catch(() => {});
    throw error;
  }
}

async function complete(
  request: RunRequest,
  opened: CampaignHost,
  display: RunDisplay,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const asking = await drive(request, opened, display, signal);
  if (signal.aborted) return [];
  // The tables follow the loop; here they are waited for, so that a query after the run sees all of it.
  await Promise.race([opened.tablesComplete(), once(signal, 'abort')]);
  if (!signal.aborted) display.conclude();
  return asking;
}

async function drive(
  request: RunRequest,
  opened: CampaignHost,
  display: RunDisplay,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { ports } = opened;
  const arms = request.arms.map(({ config }) => config);
  const states = createCampaignStates(TOPICS.campaigns);
  const histories = createCampaignHistories(states);
  const following = await follow(ports, [states], { onBatch: () => display.show(histories) });
  display.begin(arms, histories);
  let unwatch: (() => Promise<void>)[] = [];
  try {
    const sources = await bringData({ campaignFile: request.campaignFile, config: arms[0]! }, opened, display, signal);
    await Promise.race([
      createCampaigns(request.directory, request.arms, sources, opened, display),
      once(signal, 'abort'),
    ]);
    tellPauses(request.directory, opened, arms, display);
    unwatch = arms.map(({ name }) => opened.watchProgress(name, display.progress));
    const asking = await untilOver(request, opened, arms, signal);
    const parked = signal.aborted ? [] : arms.filter(({ name }) => parkedReason(opened.state(name)) !== undefined);
    if (parked.length > 0) throw isParked(request.directory, opened, parked[0]!.name);
    // What has been decided may still be on its way to this reader.
    await following.caughtUp(TOPICS.campaigns.name);
    display.show(histories);
    return asking;
  } finally {
    for (const stop of unwatch) await stop();
    await following.stop();
  }
}

/**
 * Waits until none of the campaigns goes on by itself: they are over, parked, or wait for people, unless that is to be
 * waited for too.
 * @returns what they wait for, a line per campaign
 */
function untilOver(
  { directory, wait }: RunRequest,
  host: CampaignHost,
  arms: readonly CampaignConfig[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const isOver = (name: string) => {
    const state = host.state(name);
    return state.stopped !== undefined || parkedReason(state) !== undefined;
  };
  const questions = createQuestions(host, directory);
  return new Promise((resolve, reject) => {
    const check = () => {
      const left = arms.map(({ name }) => name).filter((name) => !isOver(name));
      if (left.length === 0 || signal.aborted) resolve([]);
      else if (!wait && left.every(questions.mayWait)) {
        questions.ask(left).then((lines) => lines.length === left.length && resolve(lines), reject);
      }
    };
    host.onChange(check);
    signal.addEventListener('abort', check, { once: true });
    check();
  });
}

/** Tells the user how a paused campaign continues. Otherwise the run would only be silent. */
function tellPauses(place: string, host: CampaignHost, arms: readonly CampaignConfig[], display: RunDisplay): void {
  let told: readonly string[] = [];
  const tell = () => {
    const paused = arms.map(({ name }) => name).filter((name) => host.state(name).paused);
    for (const name of paused.filter((one) => !told.includes(one))) {
      display.note(`${name} is paused: 'elastream resume ${placeArgument(place)} ${name}' lets it go on`);
    }
    told = paused;
  };
  host.onChange(tell);
  tell();
}

function isParked(place: string, host: CampaignHost, campaign: string): AppError {
  const goesOn = isClusterUrl(place)
    ? `'elastream resume ${placeArgument(place)} ${campaign}' lets it go on`
    : 'the same command goes on from there';
  const reason = parkedReason(host.state(campaign));
  return new AppError('unavailable', `${campaign} is parked: ${reason}. Once that is mended, ${goesOn}`);
}

function stoppedByUser(place: string, display: RunDisplay): AppError {
  const where = display.whereWeAre();
  const message = isClusterUrl(place)
    ? `no longer watching ${where}: it goes on there; the same command watches again, and 'elastream cancel' ends it`
    : `interrupted ${where}; the same command goes on from there`;
  return new AppError('interrupted', message);
}
