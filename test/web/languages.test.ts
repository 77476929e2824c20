import { globSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { LANGUAGES, languageFor } from '../../src/web/languages/index.ts';
import { ENGLISH, type Language, speak, type Text } from '../../src/web/say.ts';
import { pseudoLanguage, type SourceText, sourceTexts, textsIn, unsaidIn } from '../support/messages.ts';
import { englishIn } from './foreign.ts';
import { rendered } from './gallery.ts';

const TEXTS = sourceTexts();

afterEach(() => speak(() => ENGLISH));

describe('a language', () => {
  test.each(LANGUAGES.filter((each) => each !== ENGLISH))(
    'has a text for everything that is said: $tag',
    (language) => {
      expect(faultsOf(language, TEXTS)).toEqual([]);
    },
  );

  test('that lacks a text, a hole, a tag or a plural form is told so, and what it has too many', () => {
    const texts: SourceText[] = [
      { key: 'Save', kind: 'text' },
      { key: 'Made {0} by {1}', kind: 'text' },
      { key: '<strong>{0}</strong> is ready.', kind: 'markup' },
      { key: '{0} rides', kind: 'plural', forms: ['{0} ride', '{0} rides'] },
    ];
    const whole = {
      Save: 'Shrani',
      'Made {0} by {1}': '{1}, {0}',
      '<strong>{0}</strong> is ready.': '<strong>{0}</strong> čaka.',
      '{0} rides': { one: '{0} vožnja', two: '{0} vožnji', few: '{0} vožnje', other: '{0} voženj' },
    };
    const with_ = (changes: Record<string, Text>) =>
      faultsOf({ tag: 'sl', dates: 'sl', texts: { ...whole, ...changes } }, texts);
    expect(with_({})).toEqual([]);
    const { Save, ...less } = whole;
    expect(faultsOf({ tag: 'sl', dates: 'sl', texts: less }, texts)).toEqual(['“Save” has no text.']);
    expect(with_({ Load: 'Naloži' })).toEqual(['“Load” is not said any more.']);
    expect(with_({ 'Made {0} by {1}': '{0}' })).toEqual(['“Made {0} by {1}” has other holes or tags.']);
    expect(with_({ '<strong>{0}</strong> is ready.': '{0} čaka.' })).toHaveLength(1);
    expect(with_({ '{0} rides': { one: '{0} vožnja', other: '{0} voženj' } })).toEqual([
      '“{0} rides” lacks the form for few.',
      '“{0} rides” lacks the form for two.',
    ]);
    expect(with_({ '{0} rides': '{0} voženj' })).toEqual(['“{0} rides” needs a text for each plural form.']);
  });

  test('is the best of what a browser asks for', () => {
    const named = (tag: string): Language => ({ tag, dates: tag, texts: {} });
    const some = [ENGLISH, named('de'), named('pt-BR'), named('sr-Latn'), named('sr')];
    const of = (header: string | undefined) => languageFor(header, some).tag;
    expect([undefined, '', '*', 'fr', 'xx;q=a, ;;, -', 'de;q=0'].map(of)).toEqual(Array(6).fill('en'));
    expect(of('de-AT,de;q=0.9,en;q=0.8')).toBe('de');
    expect(of('en;q=0.8, DE-ch')).toBe('de');
    expect(of('fr-CH, fr;q=0.9, de;q=0.7, en;q=0.8, *;q=0.5')).toBe('en');
    expect(of('pt')).toBe('pt-BR');
    expect(of('sr-latn-rs')).toBe('sr-Latn');
    expect(of('sr-Cyrl-RS')).toBe('sr');
    expect(of('d')).toBe('en');
  });
});

describe('what is said', () => {
  test('is read out of the source, however it is written', () => {
    const source = `
      import { counted as n } from './units.ts';
      import { message, say as s, sayHtml } from '../say.ts';
      const say = () => {};
      say\`not ours\`;
      s\`Made \${a} by \${b ? s\`you\` : c}\`; sayHtml\`<b>\${x}</b> – it’s\`;
      message('Later'); message(\`Later too\`); n(2, 'entry', 'entries'); n(2, trip ? 'trip' : 'route');`;
    expect(textsIn('/web/x.ts', source).map(({ key }) => key)).toEqual([
      'Made {0} by {1}',
      'you',
      '<b>{0}</b> – it’s',
      'Later',
      'Later too',
      '{0} entries',
      '{0} trips',
      '{0} routes',
    ]);
    expect(() => textsIn('/web/x.ts', "import { message } from './say.ts';\n\nmessage(words);")).toThrow(
      'src/web/x.ts:3',
    );
  });

  test('is everything that stands in the source of pages, also of those that the gallery has not', () => {
    const found = globSync('src/web/**/*.ts').flatMap((file) =>
      unsaidIn(file.slice('src'.length), readFileSync(file, 'utf8')).map((words) => `${file}: ${words}`),
    );
    expect(found).toEqual([]);
    const source =
      "import { say } from './say.ts'; say`A word here`; html`<p>A word there</p>`; new Error('A word more');";
    expect(unsaidIn('/web/x.ts', source)).toEqual(['A word there']);
  });

  test('is everything: in another language no page has a word of English that is not data', () => {
    speak(() => pseudo);
    const forgotten = new Map<string, string>();
    for (const [address, markup] of rendered()) {
      for (const words of englishIn(markup)) forgotten.set(words, address);
    }
    expect(TEXTS.length).toBeGreaterThan(70);
    expect([...forgotten].map(([words, address]) => `${address}: ${words}`)).toEqual([]);
  });
});

const pseudo = pseudoLanguage(TEXTS);

/** What is to be done to a language, as sentences; none when it is whole. */
function faultsOf({ tag, texts }: Language, said: readonly SourceText[]): string[] {
  const keys = new Set(said.map(({ key }) => key));
  const stale = Object.keys(texts).filter((key) => !keys.has(key));
  return [
    ...said.flatMap(({ key, kind }) => faultsOfText(key, kind, texts[key], tag)),
    ...stale.map((key) => `“${key}” is not said any more.`),
  ];
}

function faultsOfText(key: string, kind: SourceText['kind'], text: Text | undefined, tag: string): string[] {
  if (text === undefined) return [`“${key}” has no text.`];
  if ((typeof text === 'string') === (kind === 'plural'))
    return [`“${key}” needs ${kind === 'plural' ? 'a text for each plural form' : 'one text'}.`];
  const forms = typeof text === 'string' ? [text] : Object.values(text);
  const needed = kind === 'plural' ? new Intl.PluralRules(tag).resolvedOptions().pluralCategories : [];
  const lacking = needed.filter((form) => typeof text !== 'string' && text[form] === undefined).toSorted();
  const fixed = (each: string) => each.match(kind === 'markup' ? /<[^>]*>|\{\d+\}/g : /\{\d+\}/g)?.toSorted() ?? [];
  const odd = forms.filter((form) => fixed(form).join() !== fixed(key).join());
  return [
    ...lacking.map((form) => `“${key}” lacks the form for ${form}.`),
    ...odd.slice(0, 1).map(() => `“${key}” has other holes or tags.`),
  ];
}
