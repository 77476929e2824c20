import type { Preferences } from '../storage/preferences.ts';
import type { PersonalToken } from '../storage/sessions.ts';
import { disconnectForm } from './disconnect.ts';
import type { RiderFrame } from './frame.ts';
import { type Html, html } from './html.ts';
import { layout } from './layout.ts';
import { copyButton, type ProviderAddresses, providerAddresses } from './provider-addresses.ts';
import { type Language, message, said, say, sayHtml } from './say.ts';
import { ago } from './time.ts';

export interface SettingsPageData {
  frame: RiderFrame;
  tokens: readonly PersonalToken[];
  /** Just made: shown in this one answer and never again. */
  newToken?: { name: string; token: string } | undefined;
  addresses: ProviderAddresses;
  /** The maps that this installation has beside the plain one. */
  maps: readonly Exclude<Preferences['mapStyle'], '' | 'plain'>[];
  languages: readonly Language[];
}

export function settingsPage({ frame, tokens, newToken, addresses, maps, languages }: SettingsPageData): string {
  const content = html`<h1>${say`Settings`}</h1>
${account(frame)}
${preferences(frame, maps, languages)}
${personalTokens(frame, tokens, newToken)}
<section><h2>${say`At Ride With GPS`}</h2>${providerAddresses(addresses)}</section>
${frame.rider.account.state !== 'disconnected' && disconnect()}`;
  return layout({ frame, title: say`Settings`, active: 'settings', width: 'text', content });
}

function account({ now, rider }: RiderFrame): Html {
  const { name, user_id, owner, connectedAt } = rider.account;
  return html`<section class="signed-in">
<div><h2>${name}</h2><p class="quiet">${owner ? say`Ride With GPS user ${user_id}, owner of this Slipstream.` : say`Ride With GPS user ${user_id}.`} ${sayHtml`Connected ${ago(connectedAt, now)}.`}</p></div>
<form method="post" action="/sign-out"><button>${say`Sign out`}</button></form>
</section>`;
}

/** What is not chosen follows the browser, also when that changes. */
function preferences(
  { rider, units }: RiderFrame,
  maps: SettingsPageData['maps'],
  languages: readonly Language[],
): Html {
  const chosen = rider.account.preferences;
  const byBrowser = chosen.units === '' ? ` (${units.name === 'metric' ? say`metric` : say`imperial`})` : '';
  return html`<section class="preferences">
<h2>${say`How it looks`}</h2>
<form method="post" action="/settings/preferences">
${choice('units', say`Units`, chosen.units, { '': `${say`As the browser has it`}${byBrowser}`, metric: say`Kilometres, metres, °C`, imperial: say`Miles, feet, °F` })}
${choice('theme', say`Theme`, chosen.theme, { '': say`As the system has it`, light: say`Light`, dark: say`Dark` })}
${
  maps.length > 0 &&
  choice('mapStyle', say`Map`, chosen.mapStyle, {
    '': say`The richest there is here`,
    plain: say`Plain: coasts and a grid`,
    ...Object.fromEntries(maps.map((map) => [map, said(MAP_WORDS[map])])),
  })
}
${
  languages.length > 1 &&
  choice('language', say`Language`, chosen.language, {
    '': say`As the browser has it`,
    ...Object.fromEntries(languages.map(({ tag }) => [tag, ownName(tag)])),
  })
}
<button>${say`Save`}</button>
</form>
</section>`;
}

/** What a language calls itself: whoever reads no other finds it. */
const ownName = (tag: string): string => new Intl.DisplayNames(tag, { type: 'language' }).of(tag) ?? tag;

const MAP_WORDS = {
  streets: message('Streets, from this Slipstream'),
  remote: message('Streets, from the provider that this Slipstream names'),
};

function choice(name: string, label: string, chosen: string, options: Record<string, string>): Html {
  return html`<label>${label}<select name="${name}">${Object.entries(options).map(
    ([value, words]) =>
      html`<option value="${value}"${value === chosen && html` selected`}${name === 'language' && value !== '' && html` lang="${value}"`}>${words}</option>`,
  )}</select></label>`;
}

function personalTokens(
  { now }: RiderFrame,
  tokens: readonly PersonalToken[],
  newToken: SettingsPageData['newToken'],
): Html {
  return html`<section>
<h2>${say`Personal tokens`}</h2>
<p>${say`For programs of your own that read your library through the API. A token opens what you can see here, so keep it as you would a password.`}</p>
${newToken && fresh(newToken)}
${
  tokens.length > 0 &&
  html`<ul class="ledger">${tokens.map(
    (
      token,
    ) => html`<li><div><strong>${token.name}</strong><p class="quiet">${sayHtml`Made ${ago(token.createdAt, now)}`}</p></div>
<form method="post" action="/settings/tokens/${token.id}/revoke"><button aria-label="${say`Revoke ${token.name}`}">${say`Revoke`}</button></form></li>`,
  )}</ul>`
}
<form method="post" action="/settings/tokens">
<label for="token_name">${say`Name of a new token`}</label>
<div class="field"><input id="token_name" name="name" required maxlength="80" autocomplete="off"><button>${say`Make token`}</button></div>
</form>
</section>`;
}

function fresh({ name, token }: { name: string; token: string }): Html {
  return html`<div class="fresh" role="status"><p>${sayHtml`<strong>${name}</strong> is ready. Copy it now: it is not shown again.`}</p>
<p class="secret"><code>${token}</code>${copyButton(token, say`the new token`)}</p></div>`;
}

function disconnect(): Html {
  return html`<section>
<h2>${say`Disconnect`}</h2>
${disconnectForm()}
</section>`;
}
