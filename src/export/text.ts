/** What XML 1.0 can hold of a text, escaped for content and attributes alike. */
export function xml(text: string): string {
  return holdable(text).replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? '');
}

/** `<name>content</name>`; nothing at all where there is no content. */
export function element(name: string, content: string | number | undefined): string {
  return content === undefined || content === '' ? '' : `<${name}>${content}</${name}>`;
}

/** At most so many characters, on one line. What a reader sees as one sign is never cut in two. */
export function shortened(text: string, most: number): string {
  const line = holdable(text).replace(/\s+/g, ' ').trim();
  let kept = '';
  let length = 0;
  for (const { segment } of new Intl.Segmenter().segment(line.slice(0, most * 20))) {
    length += [...segment].length;
    if (length > most) break;
    kept += segment;
  }
  return kept.trim();
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function holdable(text: string): string {
  const signs = [...text].filter(
    (sign) => (sign >= ' ' && !/[\ufffe\uffff]/.test(sign)) || sign === '\n' || sign === '\t',
  );
  return signs.join('').toWellFormed();
}
