import { type CampaignKey, campaignKeys, withInner } from '../src/campaign-file/campaign-keys.ts';
import { inlineYaml } from '../src/campaign-file/value-form.ts';

const HEAD = ['| key | type, range | unit | default | meaning |', '|---|---|---|---|---|'];
const BEGIN = '<!-- Made of the schema by `npm run generate`: change src/campaign-file, not this table. -->';
const END = '<!-- End of the table. -->';

/** docs/campaign-file.md with its table made anew. */
export function withKeysTable(page: string): string {
  const [before, rest] = [page.slice(0, page.indexOf(BEGIN)), page.slice(page.indexOf(END))];
  const rows = campaignKeys().flatMap(withInner).map(rowOf);
  return `${before}${[BEGIN, ...HEAD, ...rows].join('\n')}\n${rest}`;
}

function rowOf(key: CampaignKey): string {
  const meaning = key.belongsTo === undefined ? key.meaning : `${key.belongsTo}: ${key.meaning}`;
  const unit = key.unit === undefined ? '' : ` ${key.unit}`;
  return `| \`${key.path}\` | ${key.form} |${unit} | ${defaultOf(key)} | ${meaning} |`;
}

function defaultOf({ default: value, isRequired, otherwise }: CampaignKey): string {
  if (value === undefined) return isRequired ? 'required' : 'none';
  return `\`${inlineYaml(value)}\`${otherwise === undefined ? '' : ` (${otherwise})`}`;
}
