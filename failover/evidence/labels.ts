export interface Label {
  /** Where the label's line stands; its text begins right of it. */
  readonly x: number;
  readonly text: string;
}

/** Between a label's line and its text. */
export const labelOffset = 4;

/** An upper estimate in pixels at 11 px in a system's sans-serif, because nothing measures text here. */
export const textWidth = (text: string): number =>
  Array.from(text).reduce((width, character) => width + (character > '\u024f' ? 11 : 6.6), 0);

/** Room for one line of a label; the whole text goes into the shape's title. */
export const shorten = (text: string, most: number): string => {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
};

/**
 * The row of each label, 0 nearest to what it points at. A label lies further out than each label whose line
 * stands under its text: so no two texts overlap and no line crosses a text.
 */
export function rowsOf(labels: readonly Label[]): number[] {
  const rows = labels.map(() => 0);
  const fromRight = labels.map((label, index) => ({ ...label, index })).reverse();
  fromRight.sort((one, other) => other.x - one.x);
  fromRight.forEach((label, turn) => {
    const end = label.x + labelOffset + textWidth(label.text) + labelOffset;
    const under = fromRight.slice(0, turn).filter((right) => right.x < end);
    rows[label.index] = Math.max(-1, ...under.map((right) => rows[right.index] ?? 0)) + 1;
  });
  return rows;
}
