/** What TCX and FIT call a kind of course point. */
export interface CueType {
  /** `CoursePointType_t` of the TCX schema. */
  tcx: string;
  /** `course_point` of the FIT profile. */
  fit: string;
}

const GENERIC: CueType = { tcx: 'Generic', fit: 'generic' };

/** By the provider's word in lower case. TCX knows no slight or sharp turn: the side is what matters. */
const TYPES: Record<string, CueType> = {
  left: { tcx: 'Left', fit: 'left' },
  right: { tcx: 'Right', fit: 'right' },
  straight: { tcx: 'Straight', fit: 'straight' },
  'slight left': { tcx: 'Left', fit: 'slightLeft' },
  'slight right': { tcx: 'Right', fit: 'slightRight' },
  'sharp left': { tcx: 'Left', fit: 'sharpLeft' },
  'sharp right': { tcx: 'Right', fit: 'sharpRight' },
  'left fork': { tcx: 'Left', fit: 'leftFork' },
  'right fork': { tcx: 'Right', fit: 'rightFork' },
  'middle fork': { tcx: 'Straight', fit: 'middleFork' },
  uturn: { tcx: 'Generic', fit: 'uTurn' },
  'u turn': { tcx: 'Generic', fit: 'uTurn' },
  summit: { tcx: 'Summit', fit: 'summit' },
  valley: { tcx: 'Valley', fit: 'valley' },
  water: { tcx: 'Water', fit: 'water' },
  food: { tcx: 'Food', fit: 'food' },
  danger: { tcx: 'Danger', fit: 'danger' },
  'first aid': { tcx: 'First Aid', fit: 'firstAid' },
  sprint: { tcx: 'Sprint', fit: 'sprint' },
  '4th category': { tcx: '4th Category', fit: 'fourthCategory' },
  '3rd category': { tcx: '3rd Category', fit: 'thirdCategory' },
  '2nd category': { tcx: '2nd Category', fit: 'secondCategory' },
  '1st category': { tcx: '1st Category', fit: 'firstCategory' },
  'hors category': { tcx: 'Hors Category', fit: 'horsCategory' },
  'segment start': { tcx: 'Generic', fit: 'segmentStart' },
  'segment end': { tcx: 'Generic', fit: 'segmentEnd' },
};

/** The provider lists its words nowhere: one that is not known is announced as a point, by its text. */
export function cueType(word: string): CueType {
  const known = word
    .toLowerCase()
    .replace(/[-_\s]+/g, ' ')
    .trim();
  return Object.hasOwn(TYPES, known) ? (TYPES[known] ?? GENERIC) : GENERIC;
}
