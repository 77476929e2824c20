import { RIDERS, SOURCE_TITLES, type SourceName } from '../vocabulary.ts';

/** The sentences are written for rides; what is said of them is true of the records of other sources in these words. */
const ELSEWHERE: readonly [of: string, instead: string][] = [
  ['your library', 'the account'],
  ['on the sync page', 'on the page of its source'],
  ['Your library', 'The account'],
  ['It belongs to another rider', 'It belongs to somebody else'],
  ['It is another rider’s', 'It is somebody else’s'],
  [
    'It may be another rider’s, in another account of yours, or not finished there',
    'It may be in another account, or not there yet',
  ],
];

/** Puts the name of the provider into sentences about one of its items. */
export function naming(source: SourceName): (sentence: string) => string {
  if (source === RIDERS) return (sentence) => sentence;
  const words = [[SOURCE_TITLES[RIDERS], SOURCE_TITLES[source]] as const, ...ELSEWHERE];
  return (sentence) => words.reduce((text, [of, instead]) => text.replaceAll(of, instead), sentence);
}
