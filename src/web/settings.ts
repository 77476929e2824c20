import type { PersonalToken } from '../storage/sessions.ts';
import { disconnectForm } from './disconnect.ts';
import type { RiderFrame } from './frame.ts';
import { type Html, html } from './html.ts';
import { layout } from './layout.ts';
import { copyButton, type ProviderAddresses, providerAddresses } from './provider-addresses.ts';
import { ago } from './time.ts';

export interface SettingsPageData {
  frame: RiderFrame;
  tokens: readonly PersonalToken[];
  /** Just made: shown in this one answer and never again. */
  newToken?: { name: string; token: string } | undefined;
  addresses: ProviderAddresses;
}

export function settingsPage({ frame, tokens, newToken, addresses }: SettingsPageData): string {
  const content = html`<h1>Settings</h1>
${account(frame)}
${personalTokens(frame, tokens, newToken)}
<section><h2>At Ride With GPS</h2>${providerAddresses(addresses)}</section>
${frame.rider.account.state !== 'disconnected' && disconnect()}`;
  return layout({ frame, title: 'Settings', active: 'settings', width: 'text', content });
}

function account({ now, rider }: RiderFrame): Html {
  const { name, user_id, owner, connectedAt } = rider.account;
  return html`<section class="signed-in">
<div><h2>${name}</h2><p class="quiet">Ride With GPS user ${user_id}${owner && ', owner of this Slipstream'}. Connected ${ago(connectedAt, now)}.</p></div>
<form method="post" action="/sign-out"><button>Sign out</button></form>
</section>`;
}

function personalTokens(
  { now }: RiderFrame,
  tokens: readonly PersonalToken[],
  newToken: SettingsPageData['newToken'],
): Html {
  return html`<section>
<h2>Personal tokens</h2>
<p>For programs of your own that read your library through the API. A token opens what you can see here, so keep it as you would a password.</p>
${newToken && fresh(newToken)}
${
  tokens.length > 0 &&
  html`<ul class="ledger">${tokens.map(
    (token) => html`<li><div><strong>${token.name}</strong><p class="quiet">Made ${ago(token.createdAt, now)}</p></div>
<form method="post" action="/settings/tokens/${token.id}/revoke"><button aria-label="Revoke ${token.name}">Revoke</button></form></li>`,
  )}</ul>`
}
<form method="post" action="/settings/tokens">
<label for="token_name">Name of a new token</label>
<div class="field"><input id="token_name" name="name" required maxlength="80" autocomplete="off"><button>Make token</button></div>
</form>
</section>`;
}

function fresh({ name, token }: { name: string; token: string }): Html {
  return html`<div class="fresh" role="status"><p><strong>${name}</strong> is ready. Copy it now: it is not shown again.</p>
<p class="secret"><code>${token}</code>${copyButton(token, 'the new token')}</p></div>`;
}

function disconnect(): Html {
  return html`<section>
<h2>Disconnect</h2>
${disconnectForm()}
</section>`;
}
