import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** House rules that compiler, Biome and dependency-cruiser do not see. Each failure names file, line and remedy. */

const FILE_BYTES_MAX = 1_000_000;
/** Lines per file: what the admired code keeps to, and where a file has surely more than one purpose. */
const LINES = { median: 120, p90: 300, max: 500 };
/** Lines per function: a longer one is several functions, or a kernel that says why in its comment. */
const FUNCTION_LINES = { p90: 50, max: 120 };
/** Exported from src/kernels, but bookkeeping without a formula: its comment is one sentence. */
const BOOKKEEPING = [
  'src/kernels/elasticity/elastic-properties.ts: elasticProperties',
  'src/kernels/site-matcher.ts: elementCounts',
  'src/kernels/tree-ensemble/model-text.ts: splitModelText',
  'src/kernels/tree-ensemble/model-text.ts: field',
  'src/kernels/tree-ensemble/model-text.ts: numbers',
  'src/kernels/tree-ensemble/model-text.ts: unreadable',
  'src/kernels/voronoi/enlarged.ts: enlarged',
];
/** Tables of facts, which have no logic to read, and code that nobody writes. */
const TABLES = /^src\/model\/elements\/|[.]generated[.]ts$/;
const PURE = /^src\/(model|kernels|featurizers|learning|calculations|report|text)\//;
const TEXT = /[.](ts|mjs|js|json|md|yaml|yml|sh|svg|html|sql|proto)$|^[^.]+$|(^|\/)[.][^/]+$/;

/** What is tracked, and what is about to be. */
const FILES = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
const textFiles = FILES.filter((file) => TEXT.test(file)).map(read);
const typescript = textFiles.filter(({ file }) => file.endsWith('.ts'));
const sources = typescript.filter(({ file }) => /^(src|services)\//.test(file));

interface TextFile {
  readonly file: string;
  readonly text: string;
}

describe('every file', () => {
  it('is smaller than 1 MB', () => {
    expect(FILES.filter((file) => statSync(file).size >= FILE_BYTES_MAX)).toEqual([]);
  });

  it('names no path of one machine: write it relative to the project', () => {
    expect(matches(textFiles, /(?<![\w.~$}*-])\/(?:home|Users|root|work|mnt|workspaces?)\/\w/)).toEqual([]);
  });

  it('names no package registry: npm and pip have their own settings', () => {
    expect(matches(textFiles, /registry[.](?:npmjs|yarnpkg|npmmirror)|"resolved": *"http|pythonhosted[.]org/)).toEqual(
      [],
    );
  });

  it('leaves nothing for later: do it, or open an issue', () => {
    expect(matches(textFiles, /\b(?:TOD[O]|FIXM[E]|XX[X])\b/)).toEqual([]);
  });
});

describe('every TypeScript file', () => {
  it('is named in kebab-case after its main export', () => {
    const named = /^[a-z\d]+(-[a-z\d]+)*([.](test|sim[.]test|int[.]test|e2e[.]test|contract|config|generated))?[.]ts$/;
    const vague = /(^|-)(index|manager|helpers?|utils?|impl|common|misc)[.-]/;
    const names = typescript.map(({ file }) => file);
    expect(names.filter((file) => !named.test(basename(file)) || vague.test(basename(file)))).toEqual([]);
  });

  it(`of the sources has few lines: median ${LINES.median}, 9 of 10 at most ${LINES.p90}, none above ${LINES.max}`, () => {
    const lengths = sources
      .filter(({ file }) => !TABLES.test(file))
      .map(({ file, text }) => ({ file, n: lineCount(text) }));
    expect(lengths.filter(({ n }) => n > LINES.max)).toEqual([]);
    expect(quantile(lengths, 0.5)).toBeLessThanOrEqual(LINES.median);
    expect(quantile(lengths, 0.9)).toBeLessThanOrEqual(LINES.p90);
  });

  it(`of the sources has short functions: 9 of 10 at most ${FUNCTION_LINES.p90} lines, none above ${FUNCTION_LINES.max}`, () => {
    const lengths = sources.filter(({ file }) => !TABLES.test(file)).flatMap(functionLengths);
    expect(lengths.filter(({ n }) => n > FUNCTION_LINES.max)).toEqual([]);
    expect(quantile(lengths, 0.9)).toBeLessThanOrEqual(FUNCTION_LINES.p90);
  });
});

describe('pure code', () => {
  const pure = sources
    .filter(({ file }) => PURE.test(file))
    .map(({ file, text }) => ({ file, text: withoutComments(text) }));

  it('reads no clock, chance, environment or global state: take the value as a parameter', () => {
    const impure =
      /\bDate\b|Math[.]random|\bperformance[.]|\bprocess[.]|\bset(Timeout|Interval|Immediate)\b|\bfetch\(|\bcrypto[.]/;
    expect(matches(pure, impure)).toEqual([]);
  });

  it("depends on no locale: compare ids as bytes, write numbers by JavaScript's own rule", () => {
    expect(matches(pure, /[.]localeCompare\(|[.]toLocale\w*\(|\bIntl[.]/)).toEqual([]);
  });
});

describe('every exported kernel', () => {
  const exported = sources.filter(({ file }) => file.startsWith('src/kernels/')).flatMap(exportedFunctions);
  const kernels = exported.filter(({ at }) => !BOOKKEEPING.includes(at));
  const ORDER = [
    'Equation',
    'Method',
    'Source',
    'Shapes',
    'Units',
    'Returns',
    'Requires',
    'Ensures',
    'Degenerate cases',
    'Errors',
    'Known value',
  ];
  const labelsOf = (comment: string) =>
    [...comment.matchAll(/^ \* ([A-Z][a-z]+(?: [a-z]+)?):/gm)].map(([, label]) => label!);

  it('names its source (paper, equation, DOI) in a line `Source:`', () => {
    expect(kernels.length).toBe(exported.length - BOOKKEEPING.length);
    expect(kernels.filter(({ comment }) => !labelsOf(comment).includes('Source')).map(({ at }) => at)).toEqual([]);
  });

  it('says in a line `Returns:` or `Units:` what its numbers are', () => {
    const bare = kernels.filter(({ type }) => /^(number|(Float64|Float32|Int32)Array)\b/.test(type));
    const silent = bare.filter(({ comment }) => !labelsOf(comment).some((label) => /^(Returns|Units)$/.test(label)));
    expect(silent.map(({ at }) => at)).toEqual([]);
  });

  it('shows in a line `Known value:` what to compare with', () => {
    expect(kernels.filter(({ comment }) => !labelsOf(comment).includes('Known value')).map(({ at }) => at)).toEqual([]);
  });

  it(`keeps to the order ${ORDER.join(', ')}`, () => {
    const unordered = kernels.filter(({ comment }) => {
      const places = labelsOf(comment)
        .map((label) => ORDER.indexOf(label))
        .filter((place) => place >= 0);
      return places.some((place, i) => i > 0 && place < places[i - 1]!);
    });
    expect(unordered.map(({ at }) => at)).toEqual([]);
  });
});

describe('the README', () => {
  const { text } = read('README.md');
  const scripts = Object.keys((JSON.parse(read('package.json').text) as { scripts: Record<string, string> }).scripts);

  it('shows only npm scripts that exist', () => {
    const shown = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test))\b/g)].map(([, run, short]) => run ?? short!);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((script) => !scripts.includes(script))).toEqual([]);
  });

  it('shows only commands and options that exist', () => {
    const cli = sources
      .filter(({ file }) => file.startsWith('src/cli/'))
      .map((source) => source.text)
      .join('\n');
    const lines = [...text.matchAll(/^.*\bnpx elastream ([a-z]+)(.*)$/gm)];
    expect(lines.length).toBeGreaterThan(0);
    for (const [line, command, rest] of lines) {
      expect(cli.includes(`new Command('${command}')`), line).toBe(true);
      for (const [option] of rest!.matchAll(/(?<= )--[a-z-]+/g))
        expect(cli.includes(option), `${option} in: ${line}`).toBe(true);
    }
  });

  it('links only to files that exist', () => {
    const links = [
      ...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g),
      ...text.matchAll(/(?:src|href)="(?!https?:)([^"]+)"/g),
    ];
    expect(links.map(([, target]) => target!).filter((target) => !existsSync(target))).toEqual([]);
  });
});

function read(file: string): TextFile {
  return { file, text: readFileSync(file, 'utf8') };
}

/** `file:line: text` of each line that matches. */
function matches(files: readonly TextFile[], pattern: RegExp): string[] {
  return files.flatMap(({ file, text }) =>
    text
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${line.trim().slice(0, 120)}`] : [])),
  );
}

/** Blanks comments, keeping the lines, so that a comment may speak of what code must not do. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '));
}

function lineCount(text: string): number {
  return text.trimEnd().split('\n').length;
}

function quantile(lengths: readonly { n: number }[], fraction: number): number {
  const sorted = lengths.map(({ n }) => n).sort((a, b) => a - b);
  return sorted[Math.ceil(fraction * sorted.length) - 1]!;
}

function parse({ file, text }: TextFile): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
}

function functionLengths(source: TextFile): { at: string; n: number }[] {
  const tree = parse(source);
  const lengths: { at: string; n: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const first = tree.getLineAndCharacterOfPosition(node.getStart()).line;
      const last = tree.getLineAndCharacterOfPosition(node.getEnd()).line;
      lengths.push({ at: `${source.file}:${first + 1}`, n: last - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return lengths;
}

function exportedFunctions(source: TextFile): { at: string; comment: string; type: string }[] {
  const tree = parse(source);
  return tree.statements.filter(ts.isFunctionDeclaration).flatMap((node) => {
    if (!node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    const comment = ts
      .getJSDocCommentsAndTags(node)
      .map((part) => part.getText())
      .join('\n');
    return [{ at: `${source.file}: ${node.name?.text}`, comment, type: node.type?.getText() ?? '' }];
  });
}
