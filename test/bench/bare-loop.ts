import { join } from 'node:path';
import Database from 'better-sqlite3';
import { answer } from './answer.ts';
import type { Which } from './provider.ts';

export interface Copy {
  url: string;
  token: string;
  items: Which[];
  concurrency: number;
  folder: string;
}

/** What a script would do: fetch, parse, insert. The text as it came, one commit an item, the same pragmas. */
answer({
  /** @returns seconds. */
  async copy({ url, token, items, concurrency, folder }: Copy): Promise<number> {
    const db = open(join(folder, 'bare.db'));
    const insert = db.prepare<[string, number, string, string, string]>(
      'INSERT OR REPLACE INTO items (type, id, name, updated_at, body) VALUES (?, ?, ?, ?, ?)',
    );
    const rest = [...items];
    const began = performance.now();
    await Promise.all(Array.from({ length: concurrency }, copyNext));
    const seconds = (performance.now() - began) / 1_000;
    db.close();
    return seconds;

    async function copyNext(): Promise<void> {
      for (let item = rest.shift(); item; item = rest.shift()) {
        const { type, id } = item;
        const response = await fetch(`${url}/api/v1/${type}s/${id}.json`, {
          headers: { authorization: `Bearer ${token}` },
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`The provider answered ${response.status}: ${text}`);
        const ride = JSON.parse(text)[type];
        insert.run(type, id, ride.name, ride.updated_at, text);
      }
    }
  },
});

function open(file: string): Database.Database {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('fullfsync = 1');
  db.pragma('checkpoint_fullfsync = 1');
  db.exec(
    'CREATE TABLE IF NOT EXISTS items (type TEXT, id INTEGER, name TEXT, updated_at TEXT, body TEXT, PRIMARY KEY (type, id))',
  );
  return db;
}
