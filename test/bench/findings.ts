/** One line of the table. */
export interface Finding {
  subject: string;
  /** What Slipstream does, with its unit. */
  slipstream: string;
  /** What it is compared with. */
  beside?: string;
  /** What is judged: a ratio, or the measurement itself. */
  figure: number;
  unit: '×' | 'ms' | 'MB' | '%' | 'lost' | 'different';
  bound?: Bound;
}

export type Bound = { atLeast: number } | { atMost: number } | { under: number };

const HEADINGS = ['', 'Slipstream', 'beside', 'figure', 'required', ''];

/** Text in columns, a line a finding. */
export function tableOf(findings: readonly Finding[]): string {
  const rows = [HEADINGS, ...findings.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function rowOf({ subject, slipstream, beside = '', figure, unit, bound }: Finding): string[] {
  const verdict = bound ? (isReached(figure, bound) ? 'ok' : 'NOT REACHED') : '';
  return [subject, slipstream, beside, `${rounded(figure)} ${unit}`, requirementOf({ bound, unit }), verdict];
}

/** What a figure has to be, with its unit; empty where it only has to be known. */
export const requirementOf = ({ bound, unit }: { bound: Bound | undefined; unit: Finding['unit'] }): string =>
  bound ? `${signOf(bound)} ${limitOf(bound)} ${unit}` : '';

export function isReached(figure: number, bound: Bound): boolean {
  if ('atLeast' in bound) return figure >= bound.atLeast;
  return 'atMost' in bound ? figure <= bound.atMost : figure < bound.under;
}

const signOf = (bound: Bound): string => ('atLeast' in bound ? '≥' : 'atMost' in bound ? '≤' : '<');
const limitOf = (bound: Bound): number => Object.values(bound)[0] ?? 0;

const rounded = (value: number): string =>
  Math.abs(value) < 100 ? value.toPrecision(3).replace(/\.?0+$/, '') : number(value);

/** With separators between thousands. */
export const number = (value: number): string => Math.round(value).toLocaleString('en');
