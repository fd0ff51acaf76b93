import type { AnswerFacts } from "../canonical/dialect.ts";
import { objectOf, textOf } from "../canonical/fields.ts";
import { tryScanJson } from "../canonical/json-scan.ts";
import { tokenCount, type Usage } from "../canonical/usage.ts";

/** What a whole answer of the images endpoints tells: how many pictures it holds, and the tokens where the vendor counts those. */
export function readImages(body: Buffer): AnswerFacts {
  const scan = tryScanJson(body);
  if (!scan) return { usage: undefined, deliveredTokens: 0, error: "the answer is no JSON object" };
  const failure = scan.value("error");
  const data = scan.member("data");
  const images = data ? picturesIn(body.subarray(data.start, data.end)) : 0;
  if (failure !== undefined && failure !== null && images === 0)
    return { usage: readImageUsage(scan.value("usage")), deliveredTokens: 0, error: textOf(objectOf(failure)["message"], "an error inside a 200 answer") };
  if (images === 0) return { usage: undefined, deliveredTokens: 0, error: "the answer holds no picture" };
  return { usage: { ...readImageUsage(scan.value("usage")), images }, deliveredTokens: 0 };
}

/** Pictures of a `data` list: one member each. Quotes inside texts are escaped, so a bare quoted name is a member. */
function picturesIn(data: Buffer): number {
  return Math.max(occurrences(data, '"b64_json"'), occurrences(data, '"url"'));
}

function occurrences(bytes: Buffer, word: string): number {
  let count = 0;
  for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + word.length)) count += 1;
  return count;
}

/**
 * `usage` of an images answer (SDK type ImagesResponse.Usage): tokens of text and pictures inside `input_tokens`; newer models tell those of `output_tokens` apart too, older ones
 * make nothing but pictures.
 */
export function readImageUsage(value: unknown): Usage {
  const report = objectOf(value);
  const [input, output] = [tokenCount(report["input_tokens"]), tokenCount(report["output_tokens"])];
  if (input + output === 0) return {};
  const details = objectOf(report["input_tokens_details"]);
  const inputImage = Math.min(tokenCount(details["image_tokens"]), input);
  const cacheRead = Math.min(tokenCount(details["cached_tokens"]), input - inputImage);
  const text = Math.min(tokenCount(objectOf(report["output_tokens_details"])["text_tokens"]), output);
  const usage: Usage = { input: input - inputImage - cacheRead, inputImage, outputImage: output - text };
  if (cacheRead > 0) usage.cacheRead = cacheRead;
  if (text > 0) usage.output = text;
  return usage;
}
