import type { SourceCompleted } from '../connect-source.ts';
import { SOURCE_TITLES, type SourceName } from '../vocabulary.ts';
import type { Occasion } from './message.ts';
import { message } from './say.ts';

type Why = Extract<SourceCompleted, { ok: false }>['why'];

/** Why an account of another source was not connected. */
export function sourceNotConnected(source: SourceName, why: Why): Occasion {
  const action = { label: message('Connect {0}'), href: `/connect/${source}` };
  return { ...OCCASIONS[why], about: SOURCE_TITLES[source], action };
}

const BEGAN_ELSEWHERE = {
  status: 400,
  title: message('That did not begin here'),
  happened: message('This way back from {0} was used before, is too old, or was not started in this browser.'),
  meaning: message('No account was connected and nothing was changed. Starting again takes one minute.'),
};

const OCCASIONS: Record<Why, Omit<Occasion, 'about' | 'action'>> = {
  forged: BEGAN_ELSEWHERE,
  used: BEGAN_ELSEWHERE,
  refused: {
    status: 403,
    title: message('Not connected'),
    happened: message('{0} says that you did not authorize Slipstream.'),
    meaning: message('Nothing was copied and nothing was kept. You can try again at any time.'),
  },
  unreachable: {
    status: 502,
    title: message('{0} did not answer'),
    happened: message('You authorized Slipstream, but {0} did not give us its token.'),
    meaning: message('Nothing was changed, here or there. Try again in a minute.'),
  },
};
