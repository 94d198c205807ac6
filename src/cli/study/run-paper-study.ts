import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { issueText, parseCampaign } from '../../campaign-file/parse-campaign.ts';
import { configHash } from '../../learning/campaign/campaign-decider.ts';
import { paperStudy, type StudyPart, type StudySettings } from '../../learning/study/paper-study.ts';
import { AppError } from '../../model/app-error.ts';
import { atomicNumber } from '../../model/element-symbols.ts';
import { type CampaignHistories, readHistories } from '../../reading/campaign-history.ts';
import { TOPICS } from '../../reading/campaign-log.ts';
import { studyText } from '../../report/study/study-text.ts';
import { duration } from '../../text/progress-text.ts';
import { assertOurs, directoryPlaces, openCampaignLog } from '../campaign/campaign-directory.ts';
import { listenForInterruption } from '../interruption.ts';
import { writeReport } from '../report/write-report.ts';
import type { Arm } from '../run/arms.ts';
import { runCampaign } from '../run/run-campaign.ts';
import { readStudy } from './read-study.ts';
import { writeStudy } from './write-study.ts';

export interface PaperStudyRequest extends StudySettings {
  readonly directory: string;
  readonly workers?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * Runs what is not over yet of the paper's study, then writes its results.
 * @throws AppError `invalid_argument` where the directory holds a study with other settings, `interrupted`
 */
export async function runPaperStudy(request: PaperStudyRequest): Promise<void> {
  const { directory, json = false, quiet = false, focus } = request;
  if (atomicNumber(focus) === undefined) {
    throw new AppError('invalid_argument', `--focus is ${focus}: there is no such element; write it as in Na`);
  }
  assertOurs(directory);
  const parts = paperStudy(request);
  const note = (line: string) => void (quiet || process.stderr.write(`${line}\n`));
  await runParts(request, parts, note);
  const results = await readStudy(directory, parts, request);
  const files = await writeStudy(directory, { request, parts, results });
  const loop = parts.find(({ id }) => id === 'loop')!;
  const { report } = directoryPlaces(directory);
  await writeReport(directory, { output: report, campaigns: loop.campaigns.map(({ name }) => name) });
  process.stdout.write(json ? files.json : studyText(parts, results));
  note(`study: ${[...files.paths, report].join(', ')}`);
}

async function runParts(
  { directory, quiet = false, workers }: PaperStudyRequest,
  parts: readonly StudyPart[],
  note: (line: string) => void,
): Promise<void> {
  const armsOf = ({ campaigns }: StudyPart) => campaigns.map(({ document }) => armOf(document));
  const known = await knownCampaigns(directory);
  for (const arm of parts.flatMap(armsOf)) assertSame(directory, arm, known);
  const left = parts.filter((part) => !isOver(part, known));
  const pace = createPace(left);
  // Between two parts nobody else listens.
  const interruption = listenForInterruption(() => {});
  try {
    for (const part of left) {
      if (interruption.requested) throw stoppedBefore(part);
      note(`part ${parts.indexOf(part) + 1} of ${parts.length}: ${part.title} (${part.shown})${pace.left()}`);
      await runCampaign({
        ...{ campaignFile: 'study', arms: armsOf(part), directory, json: false, quiet, tables: false, wait: false },
        ...(workers !== undefined && { workers }),
      });
      pace.done(part);
    }
  } finally {
    interruption.dispose();
  }
}

function stoppedBefore({ title }: StudyPart): AppError {
  return new AppError('interrupted', `interrupted before ${title.toLowerCase()}; the same command goes on from there`);
}

function armOf(document: Arm['document']): Arm {
  const { config, issues } = parseCampaign(document);
  if (config) return { config, document };
  throw new AppError('invalid_argument', issues.map(issueText).join('; '));
}

async function knownCampaigns(directory: string): Promise<CampaignHistories> {
  if (!existsSync(directoryPlaces(directory).log)) return new Map();
  const log = openCampaignLog(directory);
  try {
    return await readHistories(log, TOPICS);
  } finally {
    await log.close();
  }
}

function assertSame(directory: string, { config }: Arm, known: CampaignHistories): void {
  const created = known.get(config.name)?.created;
  if (created === undefined || created.configHash === configHash(config)) return;
  const settings = 'data, members, preset, focus and seed';
  const message = `${directory} holds a study with other ${settings}: give those again, or name another directory`;
  throw new AppError('invalid_argument', message);
}

function isOver({ campaigns }: StudyPart, known: CampaignHistories): boolean {
  return campaigns.every(({ name }) => known.get(name)?.stopped !== undefined);
}

/** What the parts to come will take, by those that are done. */
function createPace(parts: readonly StudyPart[]) {
  const began = performance.now();
  const total = parts.reduce((sum, { trainings }) => sum + trainings, 0);
  let done = 0;
  return {
    done({ trainings }: StudyPart) {
      done += trainings;
    },
    left: () => {
      if (done === 0) return '';
      return `, about ${duration(((performance.now() - began) / done) * (total - done))} left`;
    },
  };
}
