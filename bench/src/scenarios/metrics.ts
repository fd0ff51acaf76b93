/** The sum of a counter or gauge over its labels, from a Prometheus text; undefined if it is not there. */
export function metricOf(text: string, name: string): number | undefined {
  let sum: number | undefined;
  for (const line of text.split("\n")) {
    const [, found, value] = /^([A-Za-z_:][\w:]*)(?:\{.*\})? ([^ ]+)/.exec(line) ?? [];
    if (found === name) sum = (sum ?? 0) + Number(value);
  }
  return sum;
}
