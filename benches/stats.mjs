// Medians, quartiles and ratios of small samples, and plain text tables.

/** Linear interpolation between the two nearest of the sorted values. */
export function quantile(values, q) {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const [low, high] = [Math.floor(position), Math.ceil(position)];
  return sorted[low] + (sorted[high] - sorted[low]) * (position - low);
}

export const median = (values) => quantile(values, 0.5);

export const summary = (values) => ({
  runs: values.length,
  ...(values.length > 0 && {
    median: round(median(values)),
    p25: round(quantile(values, 0.25)),
    p75: round(quantile(values, 0.75)),
  }),
});

/**
 * The ratio of two medians, with the interval that holds it in 95 of 100 resamplings (bootstrap): two libraries whose
 * interval includes 1 have not been told apart by this run.
 */
export function ratio(values, baseline, resamplings = 2000) {
  if (values.length === 0 || baseline.length === 0) return null;
  const random = generator(1);
  const resample = (from) => Array.from(from, () => from[Math.floor(random() * from.length)]);
  const ratios = Array.from({ length: resamplings }, () => median(resample(values)) / median(resample(baseline)));
  return {
    ratio: round(median(values) / median(baseline), 3),
    low: round(quantile(ratios, 0.025), 3),
    high: round(quantile(ratios, 0.975), 3),
  };
}

/** A fixed sequence (mulberry32), so that the same measurements always give the same report. */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const round = (value, digits = 1) => Number(value.toFixed(digits));

/** Columns of a table: the first to the left, the others to the right. */
export function table(head, rows) {
  const lines = [head, ...rows].map((cells) => cells.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  const format = (cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("  ");
  return [format(lines[0]), widths.map((width) => "-".repeat(width)).join("  "), ...lines.slice(1).map(format)].join("\n");
}
