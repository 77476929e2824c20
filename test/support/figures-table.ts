import type { RecordedFigure } from './figures.ts';

const HEADING = [rowOf(['what', 'figure', 'required', 'from']), rowOf(['---', '---', '---', '---'])];
const MACHINE = /^Machine: (.*?)\. A plus/m;

/** The latest figures as a table. What stands there already and was not made here since, such as that of a long run, stays. */
export function tableOf(figures: readonly RecordedFigure[], before: string): string {
  const rows = new Map(rowsIn(before));
  for (const { name, value, required, reached, command, at, commit } of figures) {
    const goal = reached ? required : `**not reached:** ${required}`;
    rows.set(escaped(name), rowOf([name, value, goal, `\`${command}\`, ${at.slice(0, 10)}, ${commit}`]));
  }
  const machines = new Set([
    ...(MACHINE.exec(before)?.[1] ?? '').split('; '),
    ...figures.map(({ machine }) => machine),
  ]);
  machines.delete('');
  return [
    ...HEADING,
    ...[...rows].sort(([one], [other]) => one.localeCompare(other)).map(([, row]) => row),
    '',
    `Machine: ${[...machines].join('; ')}. A plus behind a commit: the source had changes that were not committed yet.`,
  ].join('\n');
}

/** By what was counted. */
function rowsIn(table: string): [name: string, row: string][] {
  return table
    .split('\n')
    .filter((line) => line.startsWith('| ') && !HEADING.includes(line))
    .map((row) => [row.slice(2).split(' | ')[0] ?? '', row]);
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.map(escaped).join(' | ')} |`;
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}
