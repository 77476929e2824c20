import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryPages, validateXML, type XMLFileInfo } from 'xmllint-wasm';

const NAMESPACES: Record<string, string> = {
  'gpx.xsd': 'http://www.topografix.com/GPX/1/1',
  'track-point-extension-v2.xsd': 'http://www.garmin.com/xmlschemas/TrackPointExtension/v2',
  'training-center-v2.xsd': 'http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2',
  'activity-extension-v2.xsd': 'http://www.garmin.com/xmlschemas/ActivityExtension/v2',
};

/** @returns what the public schemas have against files, one line each; nothing when all are valid. */
export async function faultsIn(texts: readonly string[]): Promise<string[]> {
  const files = Object.keys(NAMESPACES).map((fileName): XMLFileInfo => {
    return { fileName, contents: readFileSync(join(import.meta.dirname, 'schemas', fileName), 'utf8') };
  });
  const imports = Object.entries(NAMESPACES).map(
    ([file, space]) => `<import namespace="${space}" schemaLocation="${file}"/>`,
  );
  const { errors } = await validateXML({
    xml: texts.map((contents, at) => ({ fileName: `${at}.xml`, contents })),
    schema: [
      {
        fileName: 'all.xsd',
        contents: `<schema xmlns="http://www.w3.org/2001/XMLSchema">${imports.join('')}</schema>`,
      },
    ],
    preload: files,
    maxMemoryPages: memoryPages.GiB,
  });
  return errors.map(({ rawMessage }) => rawMessage);
}
