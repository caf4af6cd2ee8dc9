/** Pixels of the timeline; the picture widens to the right when a label needs it. */
export const margin = 12;
export const left = 136;
export const plotWidth = 904;
export const right = left + plotWidth;

/** From milliseconds of the drill's clock to pixels. */
export type Scale = (ms: number) => number;

/** A tenth of a pixel is enough, and keeps the file small. */
export const pixel = (value: number): number => Math.round(value * 10) / 10;
