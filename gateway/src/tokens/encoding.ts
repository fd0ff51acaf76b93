/** Byte-pair vocabularies of OpenAI's (https://github.com/openai/tiktoken, `tiktoken/model.py`). */
export type Encoding = "o200k_base" | "cl100k_base";

const CL100K = /^(?:gpt-4(?!o|\.)|gpt-3\.5|text-embedding-)/;

/** The vocabulary of a model: the older models' own, and the newer one for all others; other vendors' vocabularies are of a like size, so it serves as an estimate. */
export function encodingOf(model: string): Encoding {
  return CL100K.test(model.slice(model.lastIndexOf("/") + 1).toLowerCase()) ? "cl100k_base" : "o200k_base";
}
