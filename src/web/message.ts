import type { Frame } from './frame.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { type Message, message, said } from './say.ts';

/** What a page says when there is nothing else to show: what happened, what it means for the data, one thing to do. */
export interface Occasion {
  status: number;
  /** What `{0}` stands for in its sentences. */
  about?: string;
  title: Message;
  happened: Message;
  meaning: Message;
  action: { label: Message; href: string };
}

export interface MessagePageData {
  frame: Frame;
  message: Occasion;
}

export function messagePage({ frame, message: occasion }: MessagePageData): string {
  const { status, title, happened, meaning, action, about = '' } = occasion;
  const spoken = (text: Message): string => said(text, about);
  const content = html`<div class="message">
<p class="quiet code">${status >= 400 && status}</p>
<h1>${spoken(title)}</h1>
<p class="lead">${spoken(happened)}</p>
<p>${spoken(meaning)}</p>
<p><a class="button primary" href="${action.href}">${spoken(action.label)}</a></p>
</div>`;
  return layout({ frame, title: spoken(title), width: 'text', content });
}

const HOME = { label: message('To the library'), href: '/' };
const CONNECT = { label: message('Connect Ride With GPS'), href: '/connect/ridewithgps' };

/** The occasions that are known beforehand; `status` is the one to answer with. */
export const MESSAGES = {
  notFound: {
    status: 404,
    title: message('Not here'),
    happened: message('There is no page at this address, or it is not one of yours.'),
    meaning: message('Nothing was changed.'),
    action: HOME,
  },
  badRequest: {
    status: 400,
    title: message('Not understood'),
    happened: message('The browser sent something that Slipstream cannot read.'),
    meaning: message('Nothing was changed. Go back and try again.'),
    action: HOME,
  },
  refused: {
    status: 403,
    title: message('Not connected'),
    happened: message('Ride With GPS says that you did not authorize Slipstream.'),
    meaning: message('Nothing was copied and nothing was kept. You can try again at any time.'),
    action: CONNECT,
  },
  stateUsed: {
    status: 400,
    title: message('That did not begin here'),
    happened: message(
      'This way back from Ride With GPS was used before, is too old, or was not started in this browser.',
    ),
    meaning: message('No account was connected and nothing was changed. Starting again takes one minute.'),
    action: CONNECT,
  },
  connectFailed: {
    status: 502,
    title: message('Ride With GPS did not answer'),
    happened: message('You authorized Slipstream, but Ride With GPS did not give us its token.'),
    meaning: message('Nothing was changed, here or there. Try again in a minute.'),
    action: CONNECT,
  },
  signUpClosed: {
    status: 403,
    title: message('This Slipstream belongs to somebody else'),
    happened: message('Its owner has not invited your Ride With GPS account.'),
    meaning: message('Nothing of yours was copied or kept, and the authorization was given back.'),
    action: { label: message('To the front page'), href: '/' },
  },
  loginLinkUsed: {
    status: 410,
    title: message('This link is used up'),
    happened: message('A login link opens one session, once, within a few minutes.'),
    meaning: message('Your data is as it was. Run “slipstream login-link” again for a new one.'),
    action: { label: message('To the front page'), href: '/' },
  },
  notFromHere: {
    status: 403,
    title: message('That did not come from this page'),
    happened: message('The request to change something was sent by another site, or the browser did not say by whom.'),
    meaning: message('Nothing was changed. Go back and press the button again.'),
    action: HOME,
  },
  storageAway: {
    status: 503,
    title: message('Your library cannot be reached at the moment'),
    happened: message('The disk or the database that it is on does not answer Slipstream. The log says why.'),
    meaning: message('What is stored is safe. Changes that are missed meanwhile are found when it is back.'),
    action: { label: message('Try again'), href: '' },
  },
  serverError: {
    status: 500,
    title: message('Something broke here'),
    happened: message('Slipstream could not make this page. The log says why.'),
    meaning: message('Your copy is not touched by it: reading never changes it, and changes go on arriving.'),
    action: { label: message('Try again'), href: '' },
  },
} as const satisfies Record<string, Occasion>;
