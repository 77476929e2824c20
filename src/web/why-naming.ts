import { RIDERS, SOURCE_TITLES, type SourceName } from '../vocabulary.ts';
import { type Message, message, said } from './say.ts';

/** The sentences are written for rides; what is said of them is true of the records of other sources in these words. */
const ELSEWHERE: readonly [of: Message, instead: Message][] = [
  [message('your library'), message('the account')],
  [message('on the sync page'), message('on the page of its source')],
  [message('Your library'), message('The account')],
  [message('It belongs to another rider'), message('It belongs to somebody else')],
  [message('It is another rider’s'), message('It is somebody else’s')],
  [
    message('It may be another rider’s, in another account of yours, or not finished there'),
    message('It may be in another account, or not there yet'),
  ],
];

/** Puts the name of the provider into sentences about one of its items. */
export function naming(source: SourceName): (sentence: string) => string {
  if (source === RIDERS) return (sentence) => sentence;
  const elsewhere = ELSEWHERE.map(([of, instead]) => [said(of), said(instead)] as const);
  const words = [[SOURCE_TITLES[RIDERS], SOURCE_TITLES[source]] as const, ...elsewhere];
  return (sentence) => words.reduce((text, [of, instead]) => text.replaceAll(of, instead), sentence);
}
