import { z } from "zod";

/** What a vendor documents of one input. Plain data: the gateway's doors check by it what they are given, and the document's schemas are made of it. */
export interface InputRule {
  /** `media`: an address or a `data:` URI; `picture`: one of a picture; `bare`: the same, or base64 alone; `file`: a picture of a form, in PNG, JPEG or WebP */
  type: "string" | "number" | "integer" | "boolean" | "media" | "picture" | "bare" | "file" | "list" | "object";
  required?: true;
  /** of a number; of a list its entries */
  from?: number;
  to?: number;
  /** the only values; of numbers too */
  words?: readonly (string | number)[];
  /** texts that it may look like, where there are too many to list */
  form?: RegExp;
  /** characters of a text; bytes of a file, of a list of them together */
  least?: number;
  most?: number;
  /** of a picture that is given as its bytes: its types, its shortest side in pixels, how many times the shorter side the longer one may be */
  types?: readonly string[];
  side?: number;
  shape?: number;
  /** a number that may also be written as a text: `5`, `"5"`, `"5s"` */
  written?: true;
  /** each entry of a list */
  of?: InputRule;
  /** of an object; others go on as they are */
  members?: InputRules;
  /** another shape that is taken as well */
  or?: InputRule;
  /** inputs that must be there with it */
  beside?: readonly string[];
  /** inputs that may not be there with it */
  without?: readonly string[];
  /** an upper bound beside another input */
  toBeside?: { name: string; to: number };
}

export type InputRules = Readonly<Record<string, InputRule>>;

/** Rules of an endpoint by the models that they hold for: each whose name matches counts. */
export type ModelRules = readonly (readonly [models: RegExp, rules: InputRules])[];

/** All rules for one model. */
export const rulesFor = (model: string, of: ModelRules): InputRules => Object.assign({}, ...of.filter(([models]) => models.test(model)).map(([, rules]) => rules)) as InputRules;

/** The same as zod's members of a body, for the document. */
export function shapeOf(rules: InputRules): z.ZodRawShape {
  return Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, rule.required ? schemaOf(rule) : schemaOf(rule).optional()]));
}

function schemaOf(rule: InputRule): z.ZodType {
  const one = plain(rule);
  return rule.or ? z.union([one, schemaOf(rule.or)]) : one;
}

function plain({ type, from, to, words, form, least, most, written, of, members, required }: InputRule): z.ZodType {
  if (words) return z.literal([...words]);
  switch (type) {
    case "number":
    case "integer": {
      let schema = type === "integer" ? z.int() : z.number();
      if (from !== undefined) schema = schema.min(from);
      if (to !== undefined) schema = schema.max(to);
      return written ? z.union([schema, z.string()]) : schema;
    }
    case "boolean":
      return z.boolean();
    case "file":
      return z.string().meta({ format: "binary" });
    case "list": {
      const schema = z.array(of ? schemaOf(of) : z.unknown());
      return from === undefined ? (to === undefined ? schema : schema.max(to)) : to === undefined ? schema.min(from) : schema.min(from).max(to);
    }
    case "object":
      return z.looseObject(shapeOf(members ?? {}));
    case "media":
    case "picture":
    case "bare":
      return z.string().describe(DESCRIBED[type]);
    default: {
      let schema = z.string();
      if (form) schema = schema.regex(form);
      if (least !== undefined || required) schema = schema.min(least ?? 1);
      return most === undefined ? schema : schema.max(most);
    }
  }
}

const DESCRIBED = { media: "an http address or a data: URI", picture: "an http address or a data: URI of a picture", bare: "an http address, a data: URI, or base64 of a picture" } as const;
