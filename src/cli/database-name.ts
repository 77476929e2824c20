/** Where a database is, without who may come in: `localhost:5432/slipstream`. */
export function databaseName(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `${host || 'localhost'}${pathname}`;
}
