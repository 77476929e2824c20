import type { SourceAccount, SourceReport } from '../../storage/source-report.ts';
import { RIDERS } from '../../vocabulary.ts';
import type { RiderFrame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { icon } from '../icons.ts';
import { humanised } from '../item-words.ts';
import { layout } from '../layout.ts';
import { copyButton } from '../provider-addresses.ts';
import { said, say, sayHtml } from '../say.ts';
import { ago } from '../time.ts';
import { count, counted } from '../units.ts';
import { sourcePath } from './addresses.ts';
import { AUDITED, CATCHES_UP, sourceVerdict } from './verdict.ts';

/** One configured source, with what has to be registered there. */
export interface SourceCard {
  report: SourceReport;
  /** With what is secret in them; where accounts have none of their own, one. */
  addresses: { account: string; url: string }[];
}

export interface SourcesPageData {
  frame: RiderFrame;
  cards: readonly SourceCard[];
}

/** All configured sources, side by side. */
export function sourcesPage({ frame, cards }: SourcesPageData): string {
  const content = html`<h1>${say`Sources`}</h1>
<p class="lead quiet">${say`Where your copy comes from. What other providers than Ride With GPS send belongs to you, the owner of this Slipstream.`}</p>
<div class="sources">${cards.map((card) => cardOf(frame, card))}</div>`;
  return layout({ frame, title: say`Sources`, active: 'sources', content });
}

function cardOf({ now }: RiderFrame, { report, addresses }: SourceCard): Html {
  const { source, title, accounts } = report;
  const { tone, sentence } = sourceVerdict(report);
  const held = accounts.reduce((sum, each) => sum + each.held, 0);
  const href = source === RIDERS ? '/library' : sourcePath(source);
  return html`<section class="source" aria-labelledby="source-${source}">
<h2 id="source-${source}"><a href="${href}">${title}</a></h2>
<p class="source-state" data-tone="${tone}">${tone === 'attention' && icon('attention')}${tone === 'good' && icon('done')}<span>${sentence}</span></p>
<dl class="source-facts">
${fact(say`Copied`, recordsOf(report))}
${fact(say`Last webhook`, latest(accounts, 'last_webhook_at', now) ?? say`none so far`)}
${report.catches_up !== null && fact(say`Last asked`, latest(accounts, 'last_reconciled_at', now) ?? say`not yet`)}
${held > 0 && fact(say`Deletions held`, html`<a href="${href}">${count(held)}</a>`)}
${report.queue.dead > 0 && fact(say`Set aside`, html`<a href="/sync">${count(report.queue.dead)}</a>`)}
</dl>
<p class="quiet">${said(CATCHES_UP[report.catches_up ?? 'nothing'])} ${said(AUDITED[report.audited ? 'yes' : 'no'])}</p>
${accounts.length === 0 ? howToConnect(report) : accountsOf(report)}
${addresses.length > 0 && webhooks(card(addresses, report))}
${buttons(report, now)}
</section>`;
}

const fact = (label: string, value: Html | string): Html => html`<div><dt>${label}</dt><dd>${value}</dd></div>`;

function recordsOf({ records }: SourceReport): string {
  const active = records.filter(({ state }) => state === 'active');
  if (active.length === 0) return say`nothing yet`;
  return active.map(recordsInWords).join(', ');
}

/** What another source calls its records has no plural that we know. */
function recordsInWords({ type, count: n }: SourceReport['records'][number]): string {
  if (type === 'route') return counted(n, 'route');
  return type === 'trip' ? counted(n, 'trip') : `${humanised(type)}: ${count(n)}`;
}

function latest(
  accounts: readonly SourceAccount[],
  what: 'last_webhook_at' | 'last_reconciled_at',
  now: Date,
): Html | null {
  const newest = accounts
    .map((account) => account[what])
    .filter((at) => at !== null)
    .sort()
    .at(-1);
  return newest === undefined ? null : ago(newest, now);
}

function howToConnect({ source, title, connects, enrols }: SourceReport): Html {
  return html`${connects && html`<p><a class="button primary" href="/connect/${source}">${say`Connect ${title}`}</a></p>`}
${enrols && html`<p class="quiet">${connects ? say`Or on the command line:` : say`Accounts are added on the command line:`} <code>slipstream accounts add ${source} --help</code></p>`}`;
}

function accountsOf({ accounts, source, connects }: SourceReport): Html | null {
  const several = accounts.length > 1 || accounts.some(({ state }) => state !== 'active');
  if (!several) return null;
  return html`<ul class="source-accounts">${accounts.map(
    ({ name, account, state }) =>
      html`<li><span>${name || account}</span> <span class="quiet">${STATES[state]()}</span>${state !== 'active' && connects && html` <a href="/connect/${source}">${say`Connect again`}</a>`}</li>`,
  )}</ul>`;
}

const STATES = {
  active: () => say`connected`,
  reconnect: () => say`its token is refused`,
  disconnected: () => say`disconnected; what was copied stays`,
};

interface Registered {
  title: string;
  addresses: { label: string; url: string }[];
}

function card(addresses: SourceCard['addresses'], { title, accounts }: SourceReport): Registered {
  const nameOf = (account: string) => accounts.find((each) => each.account === account)?.name || account;
  const labelled = addresses.map(({ account, url }) => ({
    label: addresses.length > 1 ? say`Webhook URL of ${nameOf(account)}` : say`Webhook URL`,
    url,
  }));
  return { title, addresses: labelled };
}

function webhooks({ title, addresses }: Registered): Html {
  return html`<details class="webhook-urls"><summary>${say`What to register there`}</summary>
<p class="quiet">${say`Whoever has it can send in the name of ${title}, so keep it as you would a password.`}</p>
<dl class="addresses">${addresses.map(
    ({ label, url }) =>
      html`<div><dt>${label}</dt><dd><code>${url}</code>${copyButton(url, `${label}, ${title}`)}</dd></div>`,
  )}</dl></details>`;
}

function buttons(
  { source, title, catches_up, accounts, handshake, set_up_until }: SourceReport,
  now: Date,
): Html | null {
  const asks = catches_up !== null && accounts.some(({ state }) => state !== 'disconnected');
  if (!asks && !handshake) return null;
  const name = html`<span class="hidden-words">: ${title}</span>`;
  const reconcile = source === RIDERS ? '/sync/reconcile' : `${sourcePath(source)}/reconcile`;
  return html`<div class="buttons">
${asks && html`<form method="post" action="${reconcile}"><button>${say`Reconcile now`}${name}</button></form>`}
${
  handshake &&
  (set_up_until
    ? html`<p class="setting-up" role="status">${sayHtml`It may ask unsigned whether the URL is yours, until ${ago(set_up_until, now)}.`}</p>`
    : html`<form method="post" action="${sourcePath(source)}/set-up"><button>${say`Set up for 15 minutes`}${name}</button></form>`)
}
</div>${handshake && !set_up_until && html`<p class="quiet">${say`While it is set up, ${title} may ask unsigned whether the webhook URL is yours. Press it before you register the URL there.`}</p>`}`;
}
