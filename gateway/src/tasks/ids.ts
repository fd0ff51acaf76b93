/** How the ids of a family look; clients of each know no other. */
export type IdForm = "uuid" | "decimal" | "letters" | "video";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A task's public id: 100 random bits or more, which nobody guesses, unique over all families. `randomBytes` gives that many bytes. */
export function newTaskId(form: IdForm, randomBytes: (count: number) => Uint8Array): string {
  if (form === "uuid") {
    const bytes = Buffer.from(randomBytes(16));
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }
  if (form === "video") return `video_${Buffer.from(randomBytes(16)).toString("hex")}`;
  // A byte modulo 10 or 36 leans a little to the low ones; over this length that costs under a bit.
  if (form === "decimal") return `1${Array.from(randomBytes(31), (byte) => byte % 10).join("")}`;
  return Array.from(randomBytes(26), (byte) => LETTERS[byte % LETTERS.length]).join("");
}
