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
  const { only = parts, quick = false, tracks, json } = values;
  const unknown = only.filter((name) => !parts.includes(name));
  if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(', ')}.\n${usage(parts)}`);
  return { only, quick, tracks, json };
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
  --only PART     one of ${parts.join(', ')}; may be given several times
  --quick         a tenth of the work, to see that it runs
  --tracks DIR    measure the disk with a folder of GPX, TCX, FIT and KML files instead of generated rides
  --json FILE     write the findings there too`;
