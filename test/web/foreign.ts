import { globSync, readFileSync } from 'node:fs';
import { type ESTree, parseSync, Visitor } from 'vite';

/** The English words of a page that is in `pseudoLanguage`: what was forgotten. */
export const englishIn = (markup: string): string[] => wordsShown(markup).filter(isEnglish);

/** What a page shows or tells as text: between tags, and in the attributes that are read out. Code is shown as it is. */
function wordsShown(markup: string): string[] {
  const prose = markup.replace(/<(code|pre)\b[\s\S]*?<\/\1>/g, '');
  const told = [...prose.matchAll(/ (?:aria-label|title|alt|placeholder|label)="([^"]*)"/g)].map(
    ([, words = '']) => words,
  );
  return [...prose.split(/<[^>]*>/), ...told].map((text) =>
    text
      .replace(/&#?\w+;/g, (entity) => ENTITIES[entity] ?? ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#39;': "'" };

/** Whether there are words in no brackets that are neither data nor names that are the same in all languages. */
function isEnglish(words: string): boolean {
  return /\p{Script=Latin}{2}/u.test(words.replace(/⟦[^⟧]*⟧/g, '·').replace(DATA, '·'));
}

/** Names, units and formats; and attributes that nobody knows, which a page shows by the provider's own name. */
const SAME_EVERYWHERE = [
  ...['Slipstream', 'Ride With GPS', 'TradeGecko', 'Rye', 'Pryv', 'Ecovelo', 'UTC', 'Deutsch', 'English'],
  ...['km', 'ft', 'mi', 'mph', 'bpm', 'rpm', 'kJ', 'kcal', 'min', 'ms'],
  ...['GPX', 'TCX', 'FIT', 'JSON', 'GeoJSON', 'GEOJSON', 'ZIP', 'CSV'],
  ...['Gear, id', 'Gear, make', 'Gear, model', 'Likes count', 'A new key'],
  // What other sources call their kinds of records and the fields of these: shown as they write it.
  ...['Order', 'order', 'Purchase order', 'Id', 'id', 'Order number', 'order_number', 'Status', 'status', 'finalized'],
  ...[
    'draft',
    'Notes',
    'notes',
    'Tags',
    'tags',
    'Paid',
    'paid',
    'Lines',
    'lines',
    'Sku',
    'sku',
    'Quantity',
    'quantity',
  ],
  ...['Price', 'price', 'Variant', 'variant', 'Name', 'name', 'Company', 'company', 'Contacts', 'contacts'],
];

const DATA = wholeWords([...SAME_EVERYWHERE, ...fixtures()]);

/** The names in the fixtures: what is a whole text there. A single word in lower case is rather a key of the program. */
function fixtures(): string[] {
  const literals: string[] = [];
  for (const file of globSync(`${import.meta.dirname}/{fixtures,gallery,histories,item-tracks,ridden,sources}.ts`)) {
    new Visitor({
      TemplateLiteral: ({ quasis }) => void literals.push(quasis.map(({ value }) => value.cooked).join('…')),
      Literal: ({ value }: ESTree.Node & { value?: unknown }) =>
        void (typeof value === 'string' && literals.push(value)),
    }).visit(parseSync(file, readFileSync(file, 'utf8')).program);
  }
  // The values of an address too.
  return literals
    .flatMap((text) => [text.replace(/\s+/g, ' '), ...text.split(/[=&]/)])
    .filter((text) => /\p{L}{2}/u.test(text) && /\p{Lu}|[^\w-]/u.test(text));
}

function wholeWords(texts: readonly string[]): RegExp {
  const escaped = texts
    .toSorted((one, other) => other.length - one.length)
    .map((text) =>
      text.replace(/[^\p{L}\d]/gu, (sign) => (sign === '…' ? '\\S+' : `\\u{${sign.codePointAt(0)?.toString(16)}}`)),
    );
  return new RegExp(`(?<![\\p{L}])(?:${escaped.join('|')})(?![\\p{L}])`, 'gu');
}
