import { type Logger, pino } from 'pino';

/** JSON lines on standard output. What may hold a secret is never handed to it; these paths are the second fence. */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    redact: [
      '*.headers',
      '*.authorization',
      '*.token',
      '*.secret',
      '*.access_token',
      '*.data',
      '*.options',
      '*.cause.data',
    ],
    serializers: { err: plainError },
  });
}

/** Name, message and stack: other properties of an error may carry a request with its token. */
function plainError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const cause = error.cause === undefined ? {} : { cause: plainError(error.cause) };
  return { type: error.name, message: error.message, stack: error.stack, ...cause };
}
