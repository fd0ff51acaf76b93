/** What is known of one of fal's endpoints. */
import type { Fields } from "../../kit/fields.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { FileWish } from "../../kit/media/file.ts";
import type { Detail } from "./errors.ts";

/** An endpoint. */
export interface Endpoint {
  fields: Fields;
  /** Takes an input whose fields are right; gives what is wrong beyond single fields. */
  check?: (input: JsonObject) => Detail | undefined;
  /** how long it usually takes, in seconds */
  seconds: number;
  /** Takes the input; gives the files it makes. */
  files: (input: JsonObject) => FileWish[];
  /** Takes the input, the files as fal shows them, what they were made from, and the seed; gives the output. */
  show: (input: JsonObject, files: JsonObject[], wishes: FileWish[], seed: number) => JsonObject;
  /** files have `width` and `height` (fal's `Image`) instead of name and size (its `File`) */
  images?: boolean;
  price: { unit: string; unit_price: number };
  /** Takes the input and how many files were made; gives the billed quantity. */
  units: (input: JsonObject, made: number) => number;
}
