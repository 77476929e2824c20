/** Where a database is, without who may come in: `localhost:5432/slipstream`. */
export function databaseName(databaseUrl: string): string {
  const { host, pathname, searchParams } = new URL(databaseUrl.replace('@/', '@localhost/'));
  return `${searchParams.get('host') ?? (host || 'localhost')}${pathname}`;
}
