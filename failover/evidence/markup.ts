import { plain } from './format';

/** Text that is already XML or HTML and goes into a `markup` template as it is. */
export class Markup {
  constructor(readonly source: string) {}
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For element text and quoted attributes, in XML and HTML alike. */
export const escapeMarkup = (text: string): string =>
  plain(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);

/** For Markdown and the HTML in it, in a table's cell too. */
export const escapeMarkdown = (value: string): string =>
  escapeMarkup(value.replaceAll(/[\\`*_[\]|~#]/g, '\\$&'));

type Part = string | number | Markup | readonly Markup[];

const sourceOf = (part: Part): string => {
  if (part instanceof Markup) return part.source;
  if (typeof part === 'string') return escapeMarkup(part);
  if (typeof part === 'number') return String(part);
  return part.map(sourceOf).join('\n');
};

/** A template whose values are escaped unless they are Markup: forgetting to escape is not possible. */
export const markup = (strings: TemplateStringsArray, ...parts: Part[]): Markup =>
  new Markup(String.raw({ raw: strings }, ...parts.map(sourceOf)));
