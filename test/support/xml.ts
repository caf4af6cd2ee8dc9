import { strict as assert } from 'node:assert';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The characters directly inside, entities resolved. */
  text: string;
}

const tag = /<(\/?)([A-Za-z][\w-]*)((?:\s+[A-Za-z][\w:-]*="[^"<]*")*)\s*(\/?)>/y;
const attribute = /([\w:-]+)="([^"]*)"/g;
const entity = /&(?:(amp|lt|gt|quot)|#39);/g;
const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };

function resolve(text: string): string {
  assert(!text.replaceAll(entity, '').includes('&'), `a bare & in ${JSON.stringify(text)}`);
  assert(
    !/[\p{Cc}\p{Cs}]/u.test(text.replaceAll('\n', '')),
    `a forbidden character in ${JSON.stringify(text)}`,
  );
  return text.replaceAll(entity, (_, name: string | undefined) => (name ? (characters[name] ?? '') : "'"));
}

/**
 * The elements of a document in order. Stricter than XML: double quotes, five entities, no comments.
 * @throws AssertionError when a tag is not closed in order, or text holds what must be escaped
 */
export function elementsOf(xml: string): XmlElement[] {
  const elements: XmlElement[] = [];
  const open: XmlElement[] = [];
  let at = 0;
  while (at < xml.length) {
    if (xml[at] !== '<') {
      const end = xml.indexOf('<', at);
      const text = xml.slice(at, end < 0 ? xml.length : end);
      const inside = open.at(-1);
      const resolved = resolve(text);
      if (inside) inside.text += resolved;
      else assert.equal(text.trim(), '', 'text outside the root');
      at += text.length;
      continue;
    }
    tag.lastIndex = at;
    const match = tag.exec(xml);
    assert(match, `not a tag: ${xml.slice(at, at + 80)}`);
    const [whole, closing, name = '', rest = '', empty] = match;
    at += whole.length;
    if (closing) {
      assert.equal(open.pop()?.name, name, `</${name}> closes nothing`);
      continue;
    }
    const pairs = Array.from(
      rest.matchAll(attribute),
      ([, key = '', value = '']) => [key, resolve(value)] as const,
    );
    assert.equal(new Set(pairs.map(([key]) => key)).size, pairs.length, `an attribute twice in ${whole}`);
    const element: XmlElement = { name, attributes: Object.fromEntries(pairs), text: '' };
    elements.push(element);
    if (!empty) open.push(element);
  }
  assert.deepEqual(
    open.map(({ name }) => name),
    [],
    'elements left open',
  );
  return elements;
}
