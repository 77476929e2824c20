import type { Config } from '../../config.ts';
import { RIDERS, SOURCE_TITLES, type SourceName } from '../../vocabulary.ts';
import { explain } from '../failure.ts';
import { toReconnect } from '../reconnecting.ts';
import { nothingStored, withStored } from '../stored.ts';
import { failed, ok, type Verdict, warning } from './verdict.ts';

/** What is known of the accounts: the running program records each refusal of a token, so none has to be opened here. */
export async function accounts(config: Config): Promise<Verdict[]> {
  const check = 'accounts';
  try {
    if ((await nothingStored(config)) !== undefined) return [ok(check, 'None is connected yet.')];
    return await withStored(config, async (stored) => {
      const verdicts: Verdict[] = [];
      for (const { source, user_id, name, state } of await stored.accounts.list()) {
        const lastWebhookAt = await stored.inbox.lastWebhookAt({ source, account: user_id });
        verdicts.push(
          accountVerdict(source, name || user_id, state),
          webhookVerdict(source, name || user_id, lastWebhookAt),
        );
      }
      return verdicts.length > 0 ? verdicts : [ok(check, 'None is connected yet.')];
    });
  } catch (error) {
    return [failed(check, `They cannot be read: ${explain(error, undefined)}`)];
  }
}

function accountVerdict(source: SourceName, name: string, state: string): Verdict {
  const check = `account ${name}`;
  if (state === 'active') return ok(check, 'Its token worked the last time.');
  if (state === 'disconnected') return ok(check, 'It is disconnected; what was copied can be looked at.');
  return failed(
    check,
    `${SOURCE_TITLES[source]} refuses its token, so nothing new arrives. ${toReconnect(source)} "slipstream login-link" opens a session if you are signed out.`,
  );
}

function webhookVerdict(source: SourceName, name: string, lastWebhookAt: number | null): Verdict {
  const check = `webhooks ${name}`;
  if (lastWebhookAt !== null) return ok(check, `The last one came at ${new Date(lastWebhookAt).toISOString()}.`);
  return warning(
    check,
    source === RIDERS
      ? 'None ever came, so changes are found by looking regularly. That is fine; to have them at once, enter the webhook URL at Ride With GPS → Settings → Developers → API client.'
      : `None ever came. Register the webhook URL at ${SOURCE_TITLES[source]}: it stands on the page Sources.`,
  );
}
