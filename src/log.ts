import { type DestinationStream, type Logger, pino } from 'pino';

/** What a secret is called, wherever it is handed over. */
const NAMES = ['headers', 'authorization', 'cookie', 'token', 'secret', 'access_token', 'data', 'options'];

/** JSON lines on standard output. What may hold a secret is never handed to it; the names and the forms are the second fence. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    redact: [...NAMES, ...NAMES.map((name) => `*.${name}`), '*.cause.data'],
    serializers: { err: plainError },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Name, message and stack: other properties of an error may carry a request with its token. */
function plainError(error: unknown): object {
  if (!(error instanceof Error)) return { message: withoutSecrets(String(error)) };
  const cause = error.cause === undefined ? {} : { cause: plainError(error.cause) };
  const { name, message, stack = '' } = error;
  return { type: name, message: withoutSecrets(message), stack: withoutSecrets(stack), ...cause };
}

/** A message may quote an address or a header. */
const withoutSecrets = (text: string): string =>
  text.replace(/((?:privacy_code|code|state|token|secret)=|\/login\/|\b(?:Bearer|Basic) )[\w%.+/=-]+/gi, '$1…');
