import { Html, html, type Part } from './html.ts';

/**
 * What pages say, so that it can be said in another language. A sentence stands where it is shown, in English, and is its own key:
 * a language brings a text for each (`languages/`), and what it lacks is said in English. No DOM here: pages and the browser client use the same.
 */

/** A text whose `{0}`, `{1}` … are filled with what stands in the sentence, in any order; with a number in front, one for each plural form. */
export type Text = string | Partial<Record<Intl.LDMLPluralRule, string>>;

export interface Language {
  /** BCP 47, for `lang`, numbers and plural forms: `en`. */
  tag: string;
  /** BCP 47, for dates: `en-GB`. */
  dates: string;
  /** By the English sentence, with `{0}` … where something is filled in. */
  texts: Readonly<Record<string, Text>>;
}

export const ENGLISH: Language = { tag: 'en', dates: 'en-GB', texts: {} };

let spoken: () => Language = () => ENGLISH;

/** The language of whoever looks at the page that is being made. */
export const language = (): Language => spoken();

/** From now on `language` is what `read` answers. The server reads it from the request, the browser's client from its page. */
export function speak(read: () => Language): void {
  spoken = read;
}

/** A sentence or a word as plain text: ``say`Made ${when}` ``. */
export function say(strings: TemplateStringsArray, ...parts: (string | number)[]): string {
  return filled(translated(keyOf(strings)), parts);
}

/** A sentence with markup in it, which is part of the sentence: ``sayHtml`Look at <a href="${href}">the map</a>.` `` */
export function sayHtml(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(
    filled(
      translated(keyOf(strings)),
      parts.map((part) => html`${part}`.markup),
    ),
  );
}

declare const marked: unique symbol;
/** A sentence that stands in a constant: to be said with `said` when it is shown. */
export type Message = string & { readonly [marked]: true };

/** Marks a sentence of a constant as one that is said later. A constant is made once, and the language is known with each request. */
export const message = (english: string): Message => english as Message;

/** A marked sentence, now, with what `{0}` … in it stand for. */
export const said = (english: Message, ...parts: (string | number)[]): string => filled(translated(english), parts);

/** `1 ride`, `1,247 rides`: `number` is the value as it is written, put before the word, in the plural form that `value` has. */
export function plural(value: number, number: string, one: string, many: string): string {
  const text = language().texts[`{0} ${many}`];
  if (text === undefined || typeof text === 'string')
    return filled(text ?? `{0} ${value === 1 ? one : many}`, [number]);
  return filled(text[formOf(value)] ?? text.other ?? `{0} ${many}`, [number]);
}

function translated(english: string): string {
  const text = language().texts[english];
  return typeof text === 'string' ? text : english;
}

const keys = new WeakMap<TemplateStringsArray, string>();

function keyOf(strings: TemplateStringsArray): string {
  const known = keys.get(strings);
  if (known !== undefined) return known;
  const key = strings.reduce((text, next, at) => `${text}{${at - 1}}${next}`);
  keys.set(strings, key);
  return key;
}

const filled = (text: string, parts: readonly (string | number)[]): string =>
  parts.length === 0 ? text : text.replace(/\{(\d+)\}/g, (hole, at) => String(parts[at] ?? hole));

const rules = new Map<string, Intl.PluralRules>();

function formOf(value: number): Intl.LDMLPluralRule {
  const { tag } = language();
  const rule = rules.get(tag) ?? new Intl.PluralRules(tag);
  rules.set(tag, rule);
  return rule.select(value);
}
