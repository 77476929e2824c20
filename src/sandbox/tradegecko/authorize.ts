import { html } from '../pages/html.ts';
import { layout } from '../pages/layout.ts';

export interface GeckoAccount {
  id: number;
  name: string;
}

/** The page on which somebody lets a program see an account, or does not. */
export function authorizePage(accounts: readonly GeckoAccount[], host: string, hidden: Record<string, string>): string {
  const fields = Object.entries(hidden).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const choice = ({ id, name }: GeckoAccount, index: number) => html`<label class="choice">
<input type="radio" name="account" value="${id}"${index === 0 && html` checked`}><span>${name}<small>account ${id}</small></span></label>`;
  return layout(
    'Authorize',
    html`<main class="door">
<p class="quiet">Sandbox of TradeGecko</p>
<h1>Let ${host} see your stock?</h1>
<form method="post" action="/oauth/authorize">
${fields}
<fieldset><legend>Which account?</legend>${accounts.map(choice)}</fieldset>
<div class="row">
<button class="primary" name="decision" value="authorize">Authorize</button>
<button name="decision" value="cancel">Cancel</button>
</div>
</form>
</main>`,
  );
}
