/** Rows under a heading, columns as wide as their widest entry. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) => row.map((entry, column) => entry.padEnd(widths[column] ?? 0)).join('  ');
  return [heading, ...rows].map((row) => line(row).trimEnd()).join('\n');
}
