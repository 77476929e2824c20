import type { Listening } from './listen.ts';

/** A process that ends, or is killed, is replaced within this long. */
const AGAIN_MS = 1_000;

export interface InTurn {
  begin: () => Promise<Listening>;
  /** @returns what gives it back; undefined while somebody else has it. The operating system gives back what a killed process had. */
  take: () => (() => void) | undefined;
  onError: (error: unknown) => void;
}

/**
 * For an address that several processes want and each can answer: the first one listens, and when it is gone another one does.
 *
 * @throws what `begin` throws, when that is tried at once.
 */
export async function listenInTurn({ begin, take, onError }: InTurn): Promise<Pick<Listening, 'close'>> {
  let stop: (() => Promise<void>) | undefined;
  let again: NodeJS.Timeout | undefined;
  let trying: Promise<void> | undefined;
  let closed = false;

  async function attempt(): Promise<void> {
    const giveBack = take();
    if (!giveBack) return;
    try {
      const listening = await begin();
      stop = () => listening.close().finally(giveBack);
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  function later(): void {
    if (stop || closed) return;
    again = setTimeout(() => {
      trying = attempt().catch(onError).then(later);
    }, AGAIN_MS).unref();
  }

  await attempt();
  later();
  return {
    async close() {
      closed = true;
      clearTimeout(again);
      await trying;
      await stop?.();
    },
  };
}
