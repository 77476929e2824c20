import type { SourceCompleted } from '../connect-source.ts';
import { SOURCE_TITLES, type SourceName } from '../vocabulary.ts';
import type { Message } from './message.ts';

type Why = Extract<SourceCompleted, { ok: false }>['why'];

/** Why an account of another source was not connected. */
export function sourceNotConnected(source: SourceName, why: Why): Message {
  const title = SOURCE_TITLES[source];
  const action = { label: `Connect ${title}`, href: `/connect/${source}` };
  const began = {
    status: 400,
    title: 'That did not begin here',
    happened: `This way back from ${title} was used before, is too old, or was not started in this browser.`,
    meaning: 'No account was connected and nothing was changed. Starting again takes one minute.',
    action,
  };
  const messages: Record<Why, Message> = {
    forged: began,
    used: began,
    refused: {
      status: 403,
      title: 'Not connected',
      happened: `${title} says that you did not authorize Slipstream.`,
      meaning: 'Nothing was copied and nothing was kept. You can try again at any time.',
      action,
    },
    unreachable: {
      status: 502,
      title: `${title} did not answer`,
      happened: `You authorized Slipstream, but ${title} did not give us its token.`,
      meaning: 'Nothing was changed, here or there. Try again in a minute.',
      action,
    },
  };
  return messages[why];
}
