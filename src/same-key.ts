import { type Seal, Unsealable } from './seal.ts';
import type { Board } from './storage/board.ts';

const NAME = 'key';
/** Nobody's: it says nothing but which key it was sealed with. */
const OWNER = { source: 'ridewithgps', account: '' } as const;

/**
 * Processes that share a database seal and open each other's tokens, so they need the same key. The first one leaves a word that only
 * this key opens.
 *
 * @throws OtherKey when this process has none that opens it.
 */
export async function assertSameKey(board: Board, seal: Pick<Seal, 'seal' | 'open'>): Promise<void> {
  const left = board.get(NAME);
  if (typeof left !== 'string') {
    const { name, value } = keyWord(seal);
    return board.put(name, value);
  }
  try {
    seal.open(Buffer.from(left, 'base64'), OWNER);
  } catch (error) {
    if (error instanceof Unsealable) throw new OtherKey();
    throw error;
  }
}

/** What `assertSameKey` leaves on the board, for whoever fills a database before the first process works on it. */
export const keyWord = (seal: Pick<Seal, 'seal'>): { name: string; value: string } => ({
  name: NAME,
  value: seal.seal('slipstream', OWNER).toString('base64'),
});

export class OtherKey extends Error {
  constructor() {
    super(
      'This process has another SECRET_KEY than the one that the tokens in DATABASE_URL are sealed with, so it did not start and changed nothing. ' +
        'Give every process the same SECRET_KEY; where none is set, it is in DATA_DIR/secret.key of the process that was started first.',
    );
    this.name = 'OtherKey';
  }
}
