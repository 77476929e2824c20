import { type Language, speak } from '../say.ts';

/** From now on the client says what it says in the language of its page; where the texts cannot be fetched, in English. */
export async function speakAsPage(texts: string): Promise<void> {
  const answer = await fetch(texts).catch(() => undefined);
  if (!answer?.ok) return;
  const language: Language = await answer.json();
  speak(() => language);
}
