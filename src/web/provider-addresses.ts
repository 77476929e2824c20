import { type Html, html } from './html.ts';
import { say, sayHtml } from './say.ts';

/** What has to be entered at the provider for this installation. */
export interface ProviderAddresses {
  redirectUrl: string;
  webhookUrl: string;
}

/** The two addresses, each with a button that copies it (shown when there is script to do so). */
export function providerAddresses({ redirectUrl, webhookUrl }: ProviderAddresses): Html {
  return html`<p>${sayHtml`Enter both at Ride With GPS under <strong>Settings → Developers → your API client</strong>:`}</p>
<dl class="addresses">
${address(say`Redirect URI`, redirectUrl)}
${address(say`Webhook URL`, webhookUrl)}
</dl>`;
}

function address(label: string, url: string): Html {
  return html`<div><dt>${label}</dt><dd><code>${url}</code>${copyButton(url, label)}</dd></div>`;
}

/** Copies `text`; hidden until the browser client has bound it. */
export function copyButton(text: string, what: string): Html {
  return html`<button class="small" type="button" data-copy="${text}" aria-label="${say`Copy: ${what}`}" hidden>${say`Copy`}</button>`;
}
