/**
 * Longest run of letters, spaces or marks that the tokenizer gets as one. It merges a run in time that grows with the square of its length (measured here: 60,000 Chinese letters
 * take 100 s, cut like this a fraction of one); words of a text are far shorter, and a cut costs at most one token too many.
 */
const RUN_CODE_POINTS_MAX = 64;

const LONG_RUN = new RegExp(`[\\p{L}\\p{M}]{${RUN_CODE_POINTS_MAX + 1},}|\\s{${RUN_CODE_POINTS_MAX + 1},}|[^\\s\\p{L}\\p{M}]{${RUN_CODE_POINTS_MAX + 1},}`, "gu");
const PIECE = new RegExp(`.{1,${RUN_CODE_POINTS_MAX}}`, "gsu");

/** The text in pieces that hold no longer run; together they are the text. */
export function cutLongRuns(text: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (const run of text.matchAll(LONG_RUN)) {
    if (run.index > from) pieces.push(text.slice(from, run.index));
    for (const [piece] of run[0].matchAll(PIECE)) pieces.push(piece);
    from = run.index + run[0].length;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}
