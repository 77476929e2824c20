import { Html, html } from './html.ts';
import { STYLE } from './style.ts';

/** A whole page. */
export function layout(title: string, body: Html): string {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
</head>
<body>${body}</body>
</html>
`;
  return document.text;
}
