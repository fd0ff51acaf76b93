/** Longest piece of a text in an id that we make: ids of OpenAI's end at 64 characters. */
const PIECE_LENGTH = 24;
const safe = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/g, "_");

/**
 * An id for something that the vendor gave none, the same whenever the answer is read again. `place` tells the things of one answer apart; `tag` must differ
 * between the answers of a conversation (the response id, see `answerTag`), or history would hold an id twice.
 */
export function madeUpId(kind: string, place: number | string, tag: string): string {
  return [kind, safe(String(place)).slice(0, PIECE_LENGTH), safe(tag).slice(-PIECE_LENGTH)].filter((piece) => piece !== "").join("_");
}

/** What tells answers apart: the vendor's response id, else a number out of the first thing the answer says (FNV-1a). */
export function answerTag(responseId: string, content: string): string {
  if (responseId !== "") return responseId;
  let hash = 0x811c9dc5;
  for (let at = 0; at < content.length; at += 1) hash = Math.imul(hash ^ content.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}
