import { expect, test } from "bun:test";
import { News } from "./news.ts";

test("who waits here hears at once; other processes hear of many at once, of none twice, and of the rest before the end", async () => {
  const here: string[] = [];
  const words: string[][] = [];
  const news = new News((id) => here.push(id), (ids) => Promise.resolve(void words.push([...ids])));
  const ids = Array.from({ length: 130 }, (_, index) => `t${index}`);
  news.tell(ids);
  news.tell(["t0"]);
  expect(here).toEqual([...ids, "t0"]);
  expect(words).toEqual([]);
  await Bun.sleep(40);
  expect(words).toEqual([ids.slice(0, 100), ids.slice(100)]);
  news.tell(["last"]);
  await news.stop();
  expect(words[2]).toEqual(["last"]);
});

test("a word that the database refuses stops no later one", async () => {
  const words: string[] = [];
  const news = new News(() => undefined, (ids) => (ids[0] === "lost" ? Promise.reject(new Error("away")) : Promise.resolve(void words.push(...ids))));
  news.tell(["lost"]);
  await Bun.sleep(40);
  news.tell(["heard"]);
  await news.stop();
  expect(words).toEqual(["heard"]);
});
