import { parseArgs } from 'node:util';

export interface Options {
  /** Names of parts, in the order in which they run. */
  only: string[];
  quick: boolean;
  tracks: string | undefined;
  /** Where the findings are written too. */
  json: string | undefined;
}

/** @throws Error which says how it is used. */
export function readOptions(args: string[], parts: string[]): Options {
  const { values } = parse(args, parts);
  const { only: asked = parts, quick = false, tracks, json } = values;
  // `postgres` is all that begin with it.
  const named = (name: string) => parts.filter((part) => part === name || part.startsWith(`${name}-`));
  const unknown = asked.filter((name) => named(name).length === 0);
  if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(', ')}.\n${usage(parts)}`);
  return { only: asked.flatMap(named), quick, tracks, json };
}

function parse(args: string[], parts: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean' },
        tracks: { type: 'string' },
        json: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : cause}\n${usage(parts)}`, { cause });
  }
}

const usage = (parts: string[]): string => `npm run bench -- [options]
  --only PART     one of ${parts.join(', ')}; may be given several times; postgres: all of those
  --quick         a tenth of the work, to see that it runs
  --tracks DIR    measure the disk with a folder of GPX, TCX, FIT and KML files instead of generated rides
  --json FILE     write the findings there too`;
