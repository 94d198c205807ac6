import { deepStrictEqual } from 'node:assert/strict';
import { built } from './built.mjs';
import { checked } from './checked.mjs';

const { campaignDocument } = await built('src/campaign-file/campaign-document');
const { configHash } = await built('src/learning/campaign/campaign-decider');
const { issueText, parseCampaign } = await built('src/campaign-file/parse-campaign');

/** A campaign file must give a configuration that can be hashed, or mistakes with their places. */
export const fuzz = checked((bytes) => {
  const document = campaignDocument(new TextDecoder().decode(bytes));
  if (document.value === undefined || document.value === null) return;
  const { config, issues } = parseCampaign(document.value);
  for (const issue of issues) {
    const { line, column } = document.place(issue.path);
    if (!(line >= 1 && column >= 1 && issueText(issue) !== '')) throw new Error('a mistake without its place');
  }
  if (config) deepStrictEqual(configHash(structuredClone(config)), configHash(config));
  else if (issues.length === 0) throw new Error('refused without a reason');
});
