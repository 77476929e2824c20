/** What passes between the benchmark and its programs. */
export interface Question {
  id: number;
  verb: string;
  argument: unknown;
}

export interface Reply {
  id: number;
  value?: unknown;
  /** Instead of a value: what went wrong. */
  error?: string;
}

/**
 * The side of the program that was started: answers what the benchmark asks, and closes when the benchmark lets go of it
 * (or is gone, however it ended).
 */
export function answer(verbs: Record<string, (argument: never) => unknown>, close: () => unknown = () => {}): void {
  const known: typeof verbs = { ready: () => true, ...verbs };
  process.on('message', async ({ id, verb, argument }: Question) => {
    const reply = await attempt(known[verb], verb, argument).then(
      (value): Reply => ({ id, value }),
      (error: unknown): Reply => ({
        id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    );
    if (process.connected) process.send?.(reply);
  });
  process.once('disconnect', async () => {
    await close();
    process.exit();
  });
  // Ctrl-C reaches the whole group; the benchmark decides what comes of it.
  process.on('SIGINT', () => {});
}

async function attempt(run: ((argument: never) => unknown) | undefined, verb: string, argument: unknown) {
  if (!run) throw new Error(`There is no ${verb}.`);
  return run(argument as never);
}
