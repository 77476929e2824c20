import { exportItem, type FileFormat } from '../../src/export/index.ts';
import type { Library, RideType } from '../../src/storage/library.ts';
import { type ReadFile, readFit, readGpx, readTcx } from './read.ts';

/** A body that no sandbox would serve, as the mirror hands it to a worker. */
export async function fileOf(type: RideType, object: object, format: FileFormat): Promise<Buffer> {
  const id = '77';
  const library = { body: async () => Buffer.from(JSON.stringify({ [type]: { id: 77, ...object } })) };
  const file = await exportItem(library as unknown as Library, { accountId: 1, type, id, format });
  if (!file) throw new Error('There is a body and no file.');
  return file;
}

/** All three formats for devices, read back. */
export async function readAll(type: RideType, object: object) {
  const [gpx, tcx, fit] = await Promise.all((['gpx', 'tcx', 'fit'] as const).map((each) => fileOf(type, object, each)));
  if (!gpx || !tcx || !fit) throw new Error('A format is missing.');
  const texts = [String(gpx), String(tcx)];
  return { texts, gpx: readGpx(String(gpx)), tcx: readTcx(String(tcx)), fit: await readFit(fit), bytes: fit };
}

export const positionsIn = ({ points }: ReadFile): (number | undefined)[][] => points.map(({ x, y }) => [x, y]);
