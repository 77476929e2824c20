import type { DatabaseName } from '../migrate.ts';

/** A table of PostgreSQL and where its rows come from: the columns of the same names, which are found out from both sides. */
export interface Table {
  name: string;
  /** Whose file it is in. */
  database: DatabaseName;
  /** Columns that SQLite does not have, and how it makes them. */
  made?: Readonly<Record<string, string>>;
  /** Where the rows are not simply those of the table of the same name. */
  rows?: string;
  /** Its triggers write what is copied itself. */
  triggers?: true;
}

/** As `deliveries.day` counts: since 1970, and apart from its day what a dead letter is about, which outlives that. */
const DAY = 'CASE WHEN unreadable IS NULL THEN received_at / 86400000 ELSE -1 END';

const ofRide = (column: string): string => `(SELECT rides.${column} FROM rides WHERE rides.item = listed.item)`;

/** In an order in which nothing points to what is not there yet. */
export const TABLES: readonly Table[] = [
  { name: 'accounts', database: 'mirror' },
  { name: 'bodies', database: 'mirror' },
  { name: 'items', database: 'mirror' },
  { name: 'revisions', database: 'mirror' },
  { name: 'rides', database: 'mirror', triggers: true },
  { name: 'records', database: 'mirror' },
  { name: 'kinds', database: 'mirror' },
  {
    name: 'listed',
    database: 'mirror',
    triggers: true,
    made: { calories: ofRide('calories'), highest: ofRide('highest') },
  },
  { name: 'outlines', database: 'mirror' },
  { name: 'lines', database: 'mirror' },
  { name: 'pictures', database: 'mirror' },
  { name: 'photos', database: 'mirror' },
  { name: 'fetches', database: 'mirror' },
  { name: 'runs', database: 'mirror' },
  { name: 'sessions', database: 'mirror' },
  { name: 'login_links', database: 'mirror' },
  { name: 'personal_tokens', database: 'mirror' },
  { name: 'deliveries', database: 'inbox', made: { day: DAY } },
  {
    name: 'arrivals',
    database: 'inbox',
    made: { delivery_id: 'id', day: DAY },
    rows: "deliveries WHERE id > (SELECT value FROM marks WHERE name = 'taken') AND unreadable IS NULL",
  },
  { name: 'tasks', database: 'inbox' },
  { name: 'queues', database: 'inbox' },
  { name: 'findings', database: 'inbox' },
  { name: 'dead_letters', database: 'inbox' },
  // The other two are what `arrivals` and a sequence are in PostgreSQL.
  { name: 'marks', database: 'inbox', rows: "marks WHERE name NOT IN ('taken', 'seq')" },
];

/** What SQLite has and is not copied as it is: it becomes the words of `search`, and where the ids of accounts go on. */
export const ONLY_IN_SQLITE: readonly string[] = ['search', 'account_ids'];

/** What PostgreSQL has and is filled in another way: words, and the files of `photos`; or is about PostgreSQL alone. */
export const ONLY_IN_POSTGRES: readonly string[] = ['search', 'picture_bytes', 'loose_pictures', 'board', 'migrations'];

/**
 * Sequences that are not behind the greatest `id` of their table. That of the fetches stays where it is also where an inbox that was
 * lost is behind the mirror: by that the next start knows that every library has to be listed again.
 */
export const SEQUENCES: readonly { table: string; column: string; database: DatabaseName; last: string }[] = [
  { table: 'accounts', column: 'id', database: 'mirror', last: 'SELECT last FROM account_ids' },
  { table: 'tasks', column: 'seq', database: 'inbox', last: "SELECT value FROM marks WHERE name = 'seq'" },
];
