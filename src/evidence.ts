/** How much of an answer or a delivery a dead letter keeps, in bytes. */
const MOST_BYTES = 2_000;
/** Longer than any secret: one that lies across the end of what was looked at is not found there. */
const MARGIN_BYTES = 300;

/** What the provider said, as far as it was read. */
export interface Answered {
  status: number;
  body: Buffer;
}

/**
 * What a dead letter keeps for a person to judge by: readable text that says where it was cut.
 *
 * @param conceal Takes out what must stay secret.
 */
export function evidenceOf(content: string | Buffer, conceal: (text: string) => string): string {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const whole = bytes.length <= MOST_BYTES;
  const looked = bytes.subarray(0, whole ? bytes.length : MOST_BYTES + MARGIN_BYTES);
  // In a stream, a character that is cut in two at the end is left out.
  const text = conceal(new TextDecoder().decode(looked, { stream: !whole }));
  if (whole) return readable(text);
  const kept = readable(text.slice(0, Math.min(MOST_BYTES, text.length - MARGIN_BYTES)));
  return `${kept}\n… cut here, of ${bytes.length.toLocaleString('en')} bytes.`;
}

/** An answer as HTTP has it: the status, then the beginning of the body. Empty where there was none. */
export function answerEvidence(answer: Answered | undefined, conceal: (text: string) => string): string {
  return answer ? `HTTP ${answer.status}\n${evidenceOf(answer.body, conceal)}`.trimEnd() : '';
}

/** Takes out these very texts. Short ones are no secrets, and would be found everywhere. */
export const withoutTexts = (text: string, secrets: readonly string[]): string =>
  secrets.filter(({ length }) => length >= 6).reduce((rest, secret) => rest.replaceAll(secret, '…'), text);

/** A terminal obeys control characters, and a database ends texts at a NUL. */
const readable = (text: string): string => text.replaceAll('\r\n', '\n').replace(/(?![\n\t])\p{Cc}/gu, '\uFFFD');
