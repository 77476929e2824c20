import { readAssets } from '../../web/assets.ts';
import { nodeIsTooOld } from '../node-version.ts';
import { failed, ok, type Verdict } from './verdict.ts';

export function nodeVersion(): Verdict {
  const tooOld = nodeIsTooOld(process.versions.node);
  return tooOld ? failed('node', tooOld) : ok('node', `This is Node ${process.versions.node}.`);
}

export function clientBuilt(): Verdict {
  try {
    readAssets();
    return ok('pages', "The pages' styles and scripts are built.");
  } catch (error) {
    return failed('pages', error instanceof Error ? error.message : String(error));
  }
}
