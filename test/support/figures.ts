import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/** Something that a run has counted or measured, as `docs/promises.md` shows it. */
export interface Figure {
  /** What was counted. A later run replaces the figure of the same name. */
  name: string;
  /** With its unit. */
  value: string;
  /** What it has to be. */
  required: string;
  reached: boolean;
  /** How anybody can have it again. */
  command: 'npm test' | 'npm run soak' | 'npm run bench';
}

/** A figure, and the run that it is from. */
export interface RecordedFigure extends Figure {
  /** ISO 8601. */
  at: string;
  commit: string;
  machine: string;
}

const ROOT = join(import.meta.dirname, '../..');
/** Outside of what is committed, and kept between runs. Tests of several processes write into it, so it only grows. */
const FILE = join(ROOT, 'node_modules/.cache/slipstream/figures.jsonl');

/** Remembers a figure; `npm run figures` writes the latest of each into the page. */
export function reportFigure(figure: Figure): void {
  const recorded: RecordedFigure = { ...figure, at: new Date().toISOString(), commit: commit(), machine: machine() };
  mkdirSync(dirname(FILE), { recursive: true });
  appendFileSync(FILE, `${JSON.stringify(recorded)}\n`);
}

/** The latest figure of each name, in the order of names. */
export function latestFigures(): RecordedFigure[] {
  if (!existsSync(FILE)) return [];
  const lines = readFileSync(FILE, 'utf8').split('\n').filter(Boolean);
  const latest = new Map(lines.map((line) => JSON.parse(line) as RecordedFigure).map((each) => [each.name, each]));
  return [...latest.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** As git names it, with a plus where files differ from it; a copy without git has none. */
function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'src', 'migrations') ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}

const machine = (): string =>
  `${availableParallelism()} cores, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
