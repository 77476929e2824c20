/** Runs `.ts` as it is, and is what the database's native part is built for. */
const OLDEST = 24;

/** @param version As in `process.versions.node`. @returns what to do, as sentences; undefined when it is new enough. */
export function nodeIsTooOld(version: string): string | undefined {
  const major = Number.parseInt(version, 10);
  if (major >= OLDEST) return undefined;
  return (
    `Slipstream needs Node ${OLDEST} or newer, and this is Node ${version}. Nothing was started. ` +
    'Run it through npm (npm start, npm run demo), which uses the Node that npm ci installed beside it, or install a newer Node.'
  );
}
