import type { Frame } from './frame.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import { type ProviderAddresses, providerAddresses } from './provider-addresses.ts';
import { say, sayHtml } from './say.ts';

/**
 * Who may come in. `open`: connect; `set-up-code`: the first rider of a public installation needs the code printed at
 * start; `closed`: only who is here already may come back; `login-link`: this installation has an auth token and no OAuth, so nobody connects here.
 */
type Door = 'open' | 'set-up-code' | 'closed' | 'login-link';

export interface LandingPageData {
  frame: Frame;
  door: Door;
  /** The code that was tried is not the one printed at start. */
  wrongCode?: boolean;
  /** Whoever comes was signed in in this browser, and is not any more. */
  sessionOver?: boolean;
  /** Shown on the first run, while no account is connected yet. */
  firstRun?: ProviderAddresses | undefined;
}

export function landingPage({
  frame,
  door,
  wrongCode = false,
  sessionOver = false,
  firstRun,
}: LandingPageData): string {
  const content = html`<div class="landing">
${horizon()}
<h1>${say`Your rides, on your own ground.`}</h1>
<p class="lead">${say`Slipstream keeps a complete copy of your Ride With GPS library on your own machine, and follows every change within seconds.`}</p>
${sessionOver && html`<p class="notice">${icon('attention')}<span>${say`You are not signed in in this browser any more. Your library is as it was; come in the same way as before.`}</span></p>`}
${DOORS[door](wrongCode)}
${firstRun && html`<section class="first-run"><h2>${say`Before the first ride`}</h2>${providerAddresses(firstRun)}<p class="quiet">${say`Without the webhook URL everything works too: Slipstream then checks for changes on its schedule.`}</p></section>`}
</div>`;
  return layout({ frame, title: 'Slipstream', width: 'text', content });
}

const DOORS: Record<Door, (wrongCode: boolean) => Html> = {
  open: () => html`<p><a class="button primary" href="/connect/ridewithgps">${say`Connect Ride With GPS`}</a></p>
<p class="quiet">${say`You press Authorize at Ride With GPS and come back here. Slipstream only reads; it never changes anything there.`}</p>`,
  'set-up-code': (wrongCode) => html`<form class="set-up" action="/connect/ridewithgps" method="get">
<label for="setup_code">${say`Set-up code`}</label>
<p class="quiet" id="setup_help">${say`Slipstream printed it when it started. It shows that this installation is yours.`}</p>
<div class="field"><input id="setup_code" name="setup_code" required autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="setup_help${wrongCode && ' setup_wrong'}"${wrongCode && html` aria-invalid="true"`}>
<button class="primary">${say`Connect Ride With GPS`}</button></div>
${wrongCode && html`<p class="failed" id="setup_wrong" role="alert">${say`That is not the code. Look for it again in the first lines that Slipstream printed.`}</p>`}
</form>`,
  closed:
    () => html`<p>${say`This Slipstream belongs to one rider, and is closed to others. If it is yours, connect the same Ride With GPS account as before.`}</p>
<p><a class="button primary" href="/connect/ridewithgps">${say`Connect Ride With GPS`}</a></p>
<p class="quiet">${sayHtml`Is Ride With GPS down? <code>slipstream login-link</code> opens your library without it.`}</p>`,
  'login-link': () =>
    html`<p>${sayHtml`To look at your library, run <code>slipstream login-link</code> where Slipstream is installed and open the link that it prints.`}</p>`,
};

/** A road over two hills: the one picture of the page that greets. */
function horizon(): Html {
  return html`<svg class="horizon" viewBox="0 0 720 160" preserveAspectRatio="xMidYMax slice" aria-hidden="true">
<path class="hill far" d="M0 160V96C70 84 108 52 168 52s96 44 168 44 104-64 182-64 110 52 202 60v68z"/>
<path class="hill near" d="M0 160v-22c92-4 132-40 214-40s128 34 214 34 120-38 182-38 78 22 110 26v40z"/>
<path class="casing" d="M0 138c92-4 132-40 214-40s128 34 214 34 120-38 182-38 78 22 110 26"/>
<path class="track" d="M0 138c92-4 132-40 214-40s128 34 214 34 120-38 182-38 78 22 110 26"/>
</svg>`;
}
