/** Markup that is already safe to put into a page. Only `html` and `raw` make it. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
  toString(): string {
    return this.markup;
  }
}

/** What may stand in a template. Nothing is rendered for null, undefined and false, so that conditions read as `cond && html…`. */
export type Part = Html | string | number | null | undefined | false | readonly Part[];

/** A template whose every interpolation is escaped, for text and for quoted attributes alike, unless it is `Html` itself. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((markup, text, at) => markup + render(parts[at - 1]) + text));
}

/** Trusts `markup` as it is: for constants of this project, never for what came from outside. */
export function raw(markup: string): Html {
  return new Html(markup);
}

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.markup;
  if (typeof part === 'object') return part.map(render).join('');
  return String(part).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
