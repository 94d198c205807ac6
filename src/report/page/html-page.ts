import { type Content, html } from '../markup.ts';
import { PAGE_STYLE } from './page-style.ts';

/** What a page may load: its own style and the figures in its links. Nothing from elsewhere, and no scripts. */
const CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export interface HtmlPage {
  readonly title: string;
  readonly elastreamVersion: string;
  readonly body: Content;
}

/** A page that needs nothing but itself. */
export function htmlPage({ title, elastreamVersion, body }: HtmlPage): string {
  const { markup } = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_POLICY}">
<meta name="generator" content="elastream ${elastreamVersion}">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${{ markup: PAGE_STYLE }}</style>
</head>
<body>
${body}
</body>
</html>
`;
  return markup;
}
