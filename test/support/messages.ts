import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ESTree, parseSync, Visitor } from 'vite';
import type { Language, Text } from '../../src/web/say.ts';

/** A text that pages say, as it is written in the source. */
export interface SourceText {
  /** What a language has its text under. */
  key: string;
  kind: 'text' | 'markup' | 'plural';
  /** Of `plural`: for one, and for many. */
  forms?: readonly [one: string, many: string];
}

const SRC = join(import.meta.dirname, '../../src');
/** Where what is called by these names comes from. */
const SPEAKING = /\/(say|units)\.ts$/;

/**
 * Every text that is said anywhere, each once.
 *
 * @throws Error for what no language could have a text for: words that are not written out where they are said, or that are said in two ways.
 */
export function sourceTexts(): SourceText[] {
  const files = globSync('**/*.ts', { cwd: SRC }).toSorted();
  const texts = files.flatMap((file) => textsIn(`/${file}`, readFileSync(join(SRC, file), 'utf8')));
  const byKey = new Map(texts.map((text) => [text.key, text]));
  const twofold = texts.find(({ key, kind }) => (kind === 'plural') !== (byKey.get(key)?.kind === 'plural'));
  if (twofold) throw new Error(`“${twofold.key}” is said with \`counted\` and without it: it can have one text only.`);
  return [...byKey.values()];
}

export function textsIn(file: string, source: string): SourceText[] {
  const { program } = parseSync(file, source);
  const names = namesIn(program, file);
  const texts: SourceText[] = [];
  const written = (node: ESTree.Node | undefined): string[] => {
    const words = wordsOf(node);
    if (words) return words;
    const line = source.slice(0, node?.start).split('\n').length;
    throw new Error(`src${file}:${line} says words that are not written out there, so that no language can have them.`);
  };
  new Visitor({
    TaggedTemplateExpression({ tag, quasi }) {
      const name = tag.type === 'Identifier' && names.get(tag.name);
      if (name !== 'say' && name !== 'sayHtml') return;
      const key = quasi.quasis.map(({ value }, at) => (at === 0 ? '' : `{${at - 1}}`) + value.cooked).join('');
      texts.push({ key, kind: name === 'say' ? 'text' : 'markup' });
    },
    CallExpression({ callee, arguments: [first, one, many] }) {
      const name = callee.type === 'Identifier' && names.get(callee.name);
      if (name === 'message') texts.push(...written(first).map((key) => ({ key, kind: 'text' }) as const));
      if (name !== 'counted') return;
      const plurals = many && written(many);
      for (const [at, single] of written(one).entries()) {
        const several = plurals?.[at] ?? `${single}s`;
        texts.push({ key: `{0} ${several}`, kind: 'plural', forms: [`{0} ${single}`, `{0} ${several}`] });
      }
    },
  }).visit(program);
  return texts;
}

/** The beginnings of sentences that stand somewhere else: `Nothing was`. What only programmers read is none: an error that is thrown. */
export function unsaidIn(file: string, source: string): string[] {
  const { program } = parseSync(file, source);
  const names = namesIn(program, file);
  const spoken: ESTree.Node[] = [];
  const unsaid: string[] = [];
  new Visitor({
    TaggedTemplateExpression: ({ tag, quasi }) => {
      if (tag.type === 'Identifier' && names.has(tag.name)) spoken.push(...quasi.quasis);
    },
    CallExpression: ({ callee, arguments: words }) => {
      if (callee.type === 'Identifier' && names.has(callee.name)) spoken.push(...words);
    },
    NewExpression: ({ callee, arguments: words }) => {
      if (callee.type === 'Identifier' && callee.name.endsWith('Error')) spoken.push(...words);
    },
  }).visit(program);
  const look = (node: ESTree.Node, text: string) => {
    if (spoken.some(({ start, end }) => start <= node.start && node.end <= end)) return;
    unsaid.push(...(text.match(/(?<![^>\s])\p{Lu}[\p{L}’]* \p{Ll}[^<]*/gu) ?? []));
  };
  new Visitor({
    Literal: (node) => void (typeof node.value === 'string' && look(node, node.value)),
    TemplateElement: (node) => look(node, node.value.cooked ?? ''),
  }).visit(program);
  return unsaid;
}

/** What a file calls the functions that say something. */
function namesIn({ body }: ESTree.Program, file: string): Map<string, string> {
  const names = new Map<string, string>(file === '/web/units.ts' ? [['counted', 'counted']] : []);
  for (const node of body) {
    if (node.type !== 'ImportDeclaration' || !SPEAKING.test(node.source.value)) continue;
    for (const { local, ...specifier } of node.specifiers) {
      const imported = 'imported' in specifier && 'name' in specifier.imported && specifier.imported.name;
      if (imported) names.set(local.name, imported);
    }
  }
  return names;
}

/** One text, or two of which a condition chooses. */
function wordsOf(node: ESTree.Node | undefined): string[] | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return [node.value];
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return [node.quasis[0]?.value.cooked ?? ''];
  if (node?.type !== 'ConditionalExpression') return undefined;
  const [one, other] = [wordsOf(node.consequent), wordsOf(node.alternate)];
  return one && other && [...one, ...other];
}

/**
 * A language that nobody speaks: every English text in ⟦brackets⟧, its words by two fifths longer, as in Finnish. What is filled in stands
 * outside of the brackets, and dates are in a script without Latin letters, so that whatever else stands outside was forgotten.
 */
export function pseudoLanguage(texts: readonly SourceText[]): Language {
  const translated = texts.map(({ key, kind, forms }): [string, Text] => [
    key,
    forms ? { one: bracketed(forms[0], kind), other: bracketed(forms[1], kind) } : bracketed(key, kind),
  ]);
  return { tag: 'en-XA', dates: 'el', texts: Object.fromEntries(translated) };
}

function bracketed(text: string, kind: SourceText['kind']): string {
  return text
    .split(kind === 'markup' ? /(<[^>]*>|&#?\w+;|\{\d+\})/ : /(\{\d+\})/)
    .map((part, at) => (at % 2 === 0 && /\p{L}/u.test(part) ? `⟦${longer(part)}⟧` : part))
    .join('');
}

const longer = (text: string): string =>
  text.replace(/\p{L}{3,}/gu, (word) => word + word.slice(0, Math.ceil(word.length * 0.4)).toLowerCase());
