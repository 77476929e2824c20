import type { Inbox } from '../../src/storage/inbox.ts';

/** Is there a delivery that is not a task yet? It stays one: whoever reads it here trips. */
export function isUntaken(inbox: Pick<Inbox, 'takeNext'>): Promise<boolean> {
  const stumble = new Error('There is one.');
  const read = () => {
    throw stumble;
  };
  return inbox.takeNext(1, read).then(
    () => false,
    (error) => {
      if (error !== stumble) throw error;
      return true;
    },
  );
}
