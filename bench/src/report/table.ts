import { median } from "../measure/statistics.ts";
import { BARE, DIRECT, GATEWAY, NGINX } from "../targets/target.ts";
import type { Row } from "./row.ts";

/** A number with three significant digits, never in exponents. */
export function short(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 100) return String(Math.round(value));
  return value.toFixed(Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(size)))));
}

/** Middle and spread of some values: `2.5 [2.4–2.7]`. */
function spread(values: readonly number[]): string {
  const middle = short(median(values));
  if (values.length < 2) return middle;
  return `${middle} [${short(Math.min(...values))}–${short(Math.max(...values))}]`;
}

function cell(row: Row, target: string): string {
  const values = row.valid(target);
  if (values.length === 0) return "–";
  const ratios = row.ratios(target);
  const ratio =
    row.comparable && target !== BARE && ratios.length > 0 ? ` (${short(median(ratios))}×)` : "";
  return spread(values) + ratio;
}

function verdict(row: Row): string {
  const met = row.goal?.met(row);
  if (met === undefined) return "–";
  return met ? "yes" : "NO";
}

/** The Markdown table of all rows, with a column for each further target. */
export function markdownTable(rows: readonly Row[], furtherTargets: readonly string[]): string {
  const columns = [DIRECT, NGINX, BARE, GATEWAY, ...furtherTargets];
  const head = ["scenario", ...columns, "gateway/bare", "target", "met?"];
  const lines = rows.map((row) => {
    const ratios = row.comparable ? row.ratios(GATEWAY) : [];
    return [
      `${row.scenario}: ${row.measure}`,
      ...columns.map((target) => cell(row, target)),
      ratios.length === 0 ? "–" : spread(ratios),
      row.goal?.text ?? "–",
      verdict(row),
    ];
  });
  return [head, head.map(() => "---"), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
