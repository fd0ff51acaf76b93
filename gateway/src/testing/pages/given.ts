/** What pages are given: files of their own making, since the examples' hosts cannot be reached. */
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { sound } from "../../../../simulators/src/kit/media/sound.ts";
import type { Page } from "./page.ts";

const png = (seed: string): Promise<Buffer<ArrayBuffer>> => picture({ width: 512, height: 512, format: "png", seed }).then((bytes) => Buffer.from(bytes));
const files = Promise.all([png("given"), png("mask")]).then(([drawn, mask]) => ({ drawn, mask, spoken: Buffer.from(sound(2, "wav")) }));
/** Clocks of a gateway elsewhere may be others. */
const EARLIER_SECONDS = 60;
const LATER_SECONDS = 3_600;

/** By the names that pages have for them (`{given.picture}`). `started`: Unix seconds. */
export async function given(apiKey: string, started: number): Promise<Readonly<Record<string, string | number>>> {
  const { drawn, mask } = await files;
  const uri = (bytes: Buffer): string => `data:image/png;base64,${bytes.toString("base64")}`;
  return { picture: uri(drawn), base64: drawn.toString("base64"), mask: uri(mask), key: apiKey, before: started - EARLIER_SECONDS, after: started + LATER_SECONDS };
}

/** A form of a page's parts. */
export async function formOf(parts: NonNullable<Page["form"]>): Promise<FormData> {
  const { drawn, mask, spoken } = await files;
  const FILES: Readonly<Record<string, File>> = { "@picture": new File([drawn], "stone.png", { type: "image/png" }), "@mask": new File([mask], "mask.png", { type: "image/png" }), "@sound": new File([spoken], "stone.wav", { type: "audio/wav" }) };
  const form = new FormData();
  for (const [name, values] of Object.entries(parts)) for (const value of [values].flat()) form.append(name, FILES[value] ?? value);
  return form;
}
