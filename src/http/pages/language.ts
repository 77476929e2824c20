import { AsyncLocalStorage } from 'node:async_hooks';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { languageFor } from '../../web/languages/index.ts';
import { textsFile } from '../../web/languages/texts.ts';
import { ENGLISH, type Language, speak } from '../../web/say.ts';

/** Goes with a request through all that makes its answer, so that nothing has to hand it on. One for the program, as `speak` is. */
const answering = new AsyncLocalStorage<{ language: Language }>();

/** In which language each request is answered. */
export function createSpeech(languages: readonly Language[]) {
  speak(() => answering.getStore()?.language ?? ENGLISH);
  const files = new Map(languages.map((language) => [textsFile(language).address, textsFile(language).json]));

  return {
    languages,

    /** From here on the best that the browser asks for is spoken, also where something fails on the way. */
    begin(request: Request, response: Response, next: NextFunction): void {
      response.vary('Accept-Language');
      answering.run({ language: languageFor(request.headers['accept-language'], languages) }, next);
    },

    /** From here on `tag` is spoken, if there is such a language; what a rider chose goes before what the browser asks for. */
    prefer(tag: string): void {
      const spoken = answering.getStore();
      const language = languages.find((each) => each.tag === tag);
      if (spoken && language) spoken.language = language;
    },

    /** The texts for the browser’s client, below `/texts`. */
    texts: ((request, response, next) => {
      const json = files.get(request.originalUrl);
      if (json === undefined) return next();
      return response.set('cache-control', 'public, max-age=31536000, immutable').type('json').send(json);
    }) satisfies RequestHandler,
  };
}

export type Speech = ReturnType<typeof createSpeech>;
