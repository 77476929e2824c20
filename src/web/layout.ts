import type { Assets } from './assets.ts';
import type { Frame, Rider } from './frame.ts';
import { type Html, html } from './html.ts';
import { type IconName, icon, mark } from './icons.ts';
import { textsFile } from './languages/texts.ts';
import { banner } from './reconnect.ts';
import { ENGLISH, language, type Message, message, said, say } from './say.ts';
import { glance, isCopying, isListing } from './sync-verdict.ts';

/** The places of the navigation. */
type Place = 'library' | 'map' | 'statistics' | 'sources' | 'sync' | 'settings';

export interface LayoutData {
  frame: Frame;
  title: string;
  active?: Place;
  /** `edge`: from edge to edge; the page takes care of its own margins. */
  width?: 'text' | 'content' | 'edge';
  content: Html;
}

/** A whole document: head, navigation, what has to be known on every page, and the content. */
export function layout({ frame, title, active, width = 'content', content }: LayoutData): string {
  const { assets, rider } = frame;
  const spoken = language();
  return html`<!doctype html>
<html lang="${spoken.tag}"${spoken !== ENGLISH && html` data-texts="${textsFile(spoken).address}"`} data-units="${frame.units.name}"${frame.theme !== '' && html` data-theme="${frame.theme}"`}${frame.ground && html` data-ground="${JSON.stringify(frame.ground)}"`}>
${head(title, assets, frame.theme)}
<body class="${rider ? 'framed' : 'bare'}">
<a class="skip" href="#content">${say`To the content`}</a>
${rider ? rail(frame, rider, active) : visitorBar()}
<main id="content" class="${width}" tabindex="-1">
${rider && active !== 'sync' && banner(rider)}
${content}
</main>
</body>
</html>
`.markup;
}

function head(title: string, assets: Assets, theme: Frame['theme']): Html {
  return html`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="${theme || 'light dark'}">
${PAPER.filter(([name]) => theme === '' || theme === name).map(([name, colour]) => html`<meta name="theme-color"${theme === '' && html` media="(prefers-color-scheme: ${name})"`} content="${colour}">`)}
<title>${title === 'Slipstream' ? title : `${title} · Slipstream`}</title>
<link rel="icon" href="${assets.icon}" type="image/svg+xml">
<link rel="preload" href="${assets.font}" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="${assets.styles}">
<script type="module" src="${assets.script}"></script>
</head>`;
}

/** What the browser's own bar is painted with. */
const PAPER = [
  ['light', '#FAF8F3'],
  ['dark', '#131716'],
] as const;

function visitorBar(): Html {
  return html`<header class="visitor"><a class="brand" href="/">${mark()}<span>Slipstream</span></a></header>`;
}

const PLACES: readonly (readonly [place: Place, href: string, word: Message, icon: IconName])[] = [
  ['library', '/library', message('Library'), 'library'],
  ['map', '/map', message('Map'), 'map'],
  ['statistics', '/statistics', message('Statistics'), 'statistics'],
  ['sources', '/sources', message('Sources'), 'sources'],
  ['sync', '/sync', message('Sync'), 'sync'],
  ['settings', '/settings', message('Settings'), 'settings'],
];

function rail(frame: Frame, rider: Rider, active: Place | undefined): Html {
  return html`<header class="rail">
<a class="brand" href="/library">${mark()}<span>Slipstream</span></a>
<nav aria-label="${say`Main`}">
${PLACES.filter(([place]) => place !== 'sources' || rider.sources === true).map(
  ([place, href, word, name]) =>
    html`<a href="${href}"${place === active && html` aria-current="page"`}>${icon(name)}<span>${said(word)}</span></a>`,
)}
</nav>
${syncState(frame, rider)}
</header>`;
}

/** Always in sight: a dot and words, and a bar while a backfill runs. */
function syncState({ now }: Frame, { sync, queue }: Rider): Html {
  const { tone, words, since } = glance(sync, queue, now);
  return html`<a class="glance" href="/sync" data-glance data-tone="${tone}"><span class="dot"></span><span class="words" data-glance-words${since && html` data-since="${since.at}" data-words="${since.words}"`}>${words}</span>${
    // While the library is being listed too: the page may stay open until the copying runs.
    (isListing(sync) || isCopying(sync, queue)) &&
    html`<progress max="${sync.backfill.total || 1}" value="${sync.backfill.done}" aria-label="${say`Copied so far`}" data-glance-bar></progress>`
  }</a>`;
}
