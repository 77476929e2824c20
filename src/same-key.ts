import { type Seal, Unsealable } from './seal.ts';
import { type Board, KEY_WORD } from './storage/board.ts';

/** Nobody's: it says nothing but which key it was sealed with. */
const OWNER = { source: 'ridewithgps', account: '' } as const;

/** @returns what only this key opens, to be left on the board. */
export const keyWord = (seal: Pick<Seal, 'seal'>): string => seal.seal('slipstream', OWNER).toString('base64');

export function opensKeyWord(seal: Pick<Seal, 'open'>, word: string): boolean {
  try {
    seal.open(Buffer.from(word, 'base64'), OWNER);
    return true;
  } catch (error) {
    if (error instanceof Unsealable) return false;
    throw error;
  }
}

/**
 * Processes that share a database seal and open each other's tokens, so they need the same key. The first one leaves a word that only
 * this key opens. A process that was away while the key was changed would take every token for a broken one, so it ends.
 *
 * @param onOther Told when a key is there from now on that this process does not have.
 * @throws OtherKey when this process has none that opens the word.
 */
export async function assertSameKey(
  board: Pick<Board, 'offer' | 'onChange'>,
  seal: Pick<Seal, 'seal' | 'open'>,
  onOther: (error: OtherKey) => void,
): Promise<void> {
  const isOurs = (word: unknown) => typeof word !== 'string' || opensKeyWord(seal, word);
  if (!isOurs(await board.offer(KEY_WORD, keyWord(seal)))) throw new OtherKey();
  board.onChange((name, word) => {
    if (name === KEY_WORD && !isOurs(word)) onOther(new OtherKey());
  });
}

export class OtherKey extends Error {
  constructor() {
    super(
      'This process has another SECRET_KEY than the one that the tokens in DATABASE_URL are sealed with, so it did not start and changed nothing. ' +
        'Give every process the same SECRET_KEY; where none is set, it is in DATA_DIR/secret.key of the process that was started first. ' +
        'Is that key lost for good, then "slipstream rotate-key --lost" begins with this one, and every account connects again.',
    );
    this.name = 'OtherKey';
  }
}
