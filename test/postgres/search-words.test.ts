import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { searchQuery, searchWords } from '../../src/storage/postgres/search-words.ts';
import { matchOf } from '../../src/storage/sqlite/typed-words.ts';

const found = (text: string, q: string): boolean => {
  const words = searchWords(7, [text]);
  const wanted = [...searchQuery([7], q.split(/\s+/)).matchAll(/'([^']+)':\*/g)].map(([, word = '']) => word);
  return wanted.length > 0 && wanted.every((begun) => words.some((word) => word.startsWith(begun)));
};

test.each([
  ['Vršič before breakfast', 'vrsic', 'BREAK', 'reakfast'],
  ['Über den Paß', 'uber pas', 'paß', 'pass'],
  ['Crème brûlée, 2. Auflage', 'creme BRÛ 2', 'auf', '"*'],
  ['ΟΔΟΣ Αθηνών', 'οδος', 'οδοσ', 'αθηνών'],
  ['ord_814 ana@example.org', 'ord_814', 'example', 'ana@ex'],
  ['東京 2026年', '東', '2026', '京'],
  ['İstanbul Çeşme', 'istanbul', 'cesme', 'ı'],
  ['Дорога на Йошкар-Олу', 'дорога', 'ола', 'олу'],
  ['한국 하나', '한', '하나', '핟'],
  ["O'Neill's d’Huez", "o'neill", 'huez', 'neills'],
])('%s is found by the same as beside SQLite', (text, ...typed) => {
  const db = new Sqlite(':memory:');
  db.exec("CREATE VIRTUAL TABLE search USING fts5 (words, tokenize = 'unicode61 remove_diacritics 2')");
  db.prepare('INSERT INTO search VALUES (?)').run(text);
  const match = db.prepare('SELECT 1 FROM search WHERE search MATCH ?');
  for (const q of typed) expect([q, found(text, q)]).toEqual([q, match.get(matchOf(q)) !== undefined]);
  db.close();
});

test('marks are none of a word in other scripts either, which FTS5 only knows of Latin letters', () => {
  expect(found('Αθηνών Йошкар', 'αθηνων иошкар')).toBe(true);
});

test('what one account has is a place of its own, whatever its number begins with', () => {
  expect(searchQuery([1, 12], ['Alp'])).toBe("('1/alp':*) | ('12/alp':*)");
  expect(searchWords(12, ['Alp alp', 'ALP'])).toEqual(['12/alp']);
});

test('what nobody would write still fits', () => {
  const hostile = Array.from({ length: 4_000 }, (_, at) => `${'長'.repeat(300)}${at} ${at}${'長'.repeat(80)}`).join(
    ' ',
  );
  const words = searchWords(2 ** 31, [hostile]);
  expect(words.reduce((bytes, word) => bytes + Buffer.byteLength(word), 0)).toBeLessThan(2 ** 20 - 1);
  expect(found('長'.repeat(300), '長'.repeat(200))).toBe(true);
});
