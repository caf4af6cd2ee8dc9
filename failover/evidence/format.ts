const number = (fractionDigits: number, fixed: boolean): Intl.NumberFormat =>
  new Intl.NumberFormat('en-US', {
    signDisplay: 'negative',
    maximumFractionDigits: fractionDigits,
    minimumFractionDigits: fixed ? fractionDigits : 0,
  });
const exact = number(3, false);
const hundredths = number(2, true);
const thousandths = number(3, true);

/** A count, or a value that somebody set: digits as they are, to the thousandth. */
export const formatNumber = (value: number): string => exact.format(value);

/** Measured seconds, always to the hundredth, so that a column lines up: `6.50 s`. */
export const formatSeconds = (value: number): string => `${hundredths.format(value)} s`;

/** Measured seconds to the millisecond, where single writes are told apart: `0.348 s`. */
export const formatWriteSeconds = (value: number): string => `${thousandths.format(value)} s`;

/** A point of the drill's clock in seconds since its first event. */
export const formatAt = (ms: number): string => formatSeconds(ms / 1000);

/** `1 write`, `1,204 writes`. */
export const formatCount = (count: number, noun: string): string =>
  `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `2026-03-01 09:30:00 UTC` from an ISO time in UTC. */
export const formatInstant = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

/**
 * Text on one line without what a terminal, XML or a table would obey or refuse: control characters
 * (escape sequences, line ends) and lone surrogates become spaces.
 */
export const plain = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]/gu, ' ');
