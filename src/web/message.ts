import type { Frame } from './frame.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';

/** What a page says when there is nothing else to show: what happened, what it means for the data, one thing to do. */
export interface Message {
  status: number;
  title: string;
  happened: string;
  meaning: string;
  action: { label: string; href: string };
}

export interface MessagePageData {
  frame: Frame;
  message: Message;
}

export function messagePage({ frame, message }: MessagePageData): string {
  const content = html`<div class="message">
<p class="quiet code">${message.status >= 400 && message.status}</p>
<h1>${message.title}</h1>
<p class="lead">${message.happened}</p>
<p>${message.meaning}</p>
<p><a class="button primary" href="${message.action.href}">${message.action.label}</a></p>
</div>`;
  return layout({ frame, title: message.title, width: 'text', content });
}

const HOME = { label: 'To the library', href: '/' };
const CONNECT = { label: 'Connect Ride With GPS', href: '/connect/ridewithgps' };

/** The occasions that are known beforehand; `status` is the one to answer with. */
export const MESSAGES = {
  notFound: {
    status: 404,
    title: 'Not here',
    happened: 'There is no page at this address, or it is not one of yours.',
    meaning: 'Nothing was changed.',
    action: HOME,
  },
  badRequest: {
    status: 400,
    title: 'Not understood',
    happened: 'The browser sent something that Slipstream cannot read.',
    meaning: 'Nothing was changed. Go back and try again.',
    action: HOME,
  },
  refused: {
    status: 403,
    title: 'Not connected',
    happened: 'Ride With GPS says that you did not authorize Slipstream.',
    meaning: 'Nothing was copied and nothing was kept. You can try again at any time.',
    action: CONNECT,
  },
  stateUsed: {
    status: 400,
    title: 'That did not begin here',
    happened: 'This way back from Ride With GPS was used before, is too old, or was not started in this browser.',
    meaning: 'No account was connected and nothing was changed. Starting again takes one minute.',
    action: CONNECT,
  },
  connectFailed: {
    status: 502,
    title: 'Ride With GPS did not answer',
    happened: 'You authorized Slipstream, but Ride With GPS did not give us its token.',
    meaning: 'Nothing was changed, here or there. Try again in a minute.',
    action: CONNECT,
  },
  signUpClosed: {
    status: 403,
    title: 'This Slipstream belongs to somebody else',
    happened: 'Its owner has not invited your Ride With GPS account.',
    meaning: 'Nothing of yours was copied or kept, and the authorization was given back.',
    action: { label: 'To the front page', href: '/' },
  },
  loginLinkUsed: {
    status: 410,
    title: 'This link is used up',
    happened: 'A login link opens one session, once, within a few minutes.',
    meaning: 'Your data is as it was. Run “slipstream login-link” again for a new one.',
    action: { label: 'To the front page', href: '/' },
  },
  notFromHere: {
    status: 403,
    title: 'That did not come from this page',
    happened: 'The request to change something was sent by another site, or the browser did not say by whom.',
    meaning: 'Nothing was changed. Go back and press the button again.',
    action: HOME,
  },
  serverError: {
    status: 500,
    title: 'Something broke here',
    happened: 'Slipstream could not make this page. The log says why.',
    meaning: 'Your copy is not touched by it: reading never changes it, and changes go on arriving.',
    action: { label: 'Try again', href: '' },
  },
} as const satisfies Record<string, Message>;
