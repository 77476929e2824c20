import type { Rider } from './frame.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { message, said, say, sayHtml } from './say.ts';

/** What every page says while an account brings no changes; the sync page says it in its own words. */
export function banner(rider: Rider): Html | null {
  const words = WORDS[rider.account.state];
  if (words === null) return null;
  return html`<div class="banner ${rider.account.state}">${icon('attention')}<p>${said(words)}</p>${wayBack(rider)}</div>`;
}

/** The one thing to do about it; null while the account is active. */
export function wayBack({ account }: Rider): Html | null {
  if (account.state === 'active') return null;
  // An account of the configuration's own auth token cannot be connected in the browser.
  return account.tokenKind === 'auth-token'
    ? html`<p>${sayHtml`Put a new token into <code>RWGPS_AUTH_TOKEN</code> and start Slipstream again.`}</p>`
    : html`<a class="button" href="/connect/ridewithgps">${say`Connect again`}</a>`;
}

const WORDS = {
  active: null,
  reconnect: message('Ride With GPS no longer lets us in. Nothing is lost; changes wait until you connect again.'),
  disconnected: message('This account is disconnected. What was copied stays readable; new changes do not arrive.'),
} as const;
