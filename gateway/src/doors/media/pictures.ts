import { IDEOGRAM_INPUTS, IDEOGRAM_UPSCALE, type InputRules, RECRAFT_INPUTS, RECRAFT_TOOL } from "@yescale/contract/media";
import type { Option } from "../../catalog/index.ts";
import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import type { FormPart } from "../../vendors/_kit/media/adapter.ts";
import type { BodyKind } from "../body.ts";
import { checkInputs, formInputs, spoken } from "./check-inputs.ts";
import { atOnce, finished, withKept } from "./at-once.ts";
import { scalars } from "./fal.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { saidHere, shown, wishOf } from "./images.ts";
import { numberIn, wordIn, wrong } from "./inputs.ts";
import { bytesOf } from "./kept-bytes.ts";
import { seconds } from "./seconds.ts";
import { render } from "./unified.ts";

/** Texts of a form, by name; the last of several counts. */
const textsOf = (form: readonly FormPart[]): Record<string, string> => Object.fromEntries(form.flatMap((part) => ("value" in part ? [[part.name, part.value]] : [])));
const hasFile = (form: readonly FormPart[], name: string): boolean => form.some((part) => "bytes" in part && (part.name === name || part.name === `${name}[]`));

const number = (value: string | undefined): Record<string, Option> => (value === undefined || !/^\d+$/.test(value) ? {} : { n: Number(value) });

const checkForm = (form: readonly FormPart[], rules: InputRules): void => checkInputs(formInputs(form, rules), rules);

/** Of a form all parts, of JSON nothing: Ideogram takes JSON nowhere, but clients of the documentation may send it where there is no file. */
function formOf({ form, json }: MediaCall): FormPart[] {
  return form ?? Object.entries(json).flatMap(([name, value]) => (isTexts(value) ? value : [value]).map((one) => ({ name, value: typeof one === "string" ? one : JSON.stringify(one) })));
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((one) => typeof one === "string");

const ideogramRoute = (name: keyof typeof IDEOGRAM_INPUTS) =>
  ({
    method: "POST",
    paths: [`/ideogram/v1/ideogram-v3/${name}`],
    // JSON carries no file.
    bodies: (name === "generate" ? ["form", "json"] : ["form"]) as readonly BodyKind[],
    priced: true,
    handle: (call: MediaCall, tools: MediaTools): Promise<MediaAnswer> => {
      const form = formOf(call);
      checkForm(form, IDEOGRAM_INPUTS[name]);
      const fields = textsOf(form);
      return pictures(ideogram, call, tools, `ideogram-v3-${name}`, `/v1/ideogram-v3/${name}`, form, { ...scalars(fields), ...number(fields["num_images"]), character_reference: hasFile(form, "character_reference_images") });
    },
  }) as const;

/** Ideogram 3.0, below `/ideogram`: each call is a form, and waits for its pictures. */
export const ideogram: MediaFamily = {
  id: "ideogram",
  platform: "ideogram",
  idForm: "uuid",
  routes: [
    ideogramRoute("generate"),
    ideogramRoute("edit"),
    ideogramRoute("remix"),
    ideogramRoute("reframe"),
    ideogramRoute("replace-background"),
    {
      method: "POST",
      paths: ["/ideogram/upscale", "/ideogram/v1/upscale"],
      bodies: ["form"],
      priced: true,
      handle(call, tools) {
        const form = formOf(call);
        checkForm(form, IDEOGRAM_UPSCALE);
        const asked = objectOf(parseJson(textsOf(form)["image_request"] ?? ""));
        return pictures(ideogram, call, tools, "ideogram-upscale", "/upscale", form, typeof asked["num_images"] === "number" ? { n: asked["num_images"] } : {});
      },
    },
  ],
  render: (task, tools) => render(task, tools),
  error: ({ kind, publicText }) => ({ status: kind.code === "content_policy_violation" ? 422 : kind.status, json: { error: publicText } }),
};

function pictures(family: MediaFamily, call: MediaCall, tools: MediaTools, model: string, path: string, form: FormPart[], options: Record<string, Option>): Promise<MediaAnswer> {
  return atOnce(family, call, { action: model, model, request: { native: { vendor: family.id, request: { path, form } }, withImages: false }, options }, tools, withKept);
}

/** Of Recraft's models of the second and third version (https://www.recraft.ai/docs/api-reference/endpoints). */
const RECRAFT_PROMPT_BYTES_MAX = 1_000;
const DEFAULT_RECRAFT = "recraftv3";

/** What Recraft draws: its own words go to Recraft as they are, to a model's other sources as a wish. The addresses are always asked for, so that the pictures are kept; bytes are those of our copies. */
async function drawn(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const json = spoken(call.json);
  checkInputs(json, RECRAFT_INPUTS);
  const model = wordIn(json, "model", ["recraftv3", "recraftv2"]) ?? DEFAULT_RECRAFT;
  const wish = wishOf(json);
  if (Buffer.byteLength(wish.prompt ?? "") > RECRAFT_PROMPT_BYTES_MAX) throw wrong("prompt", `may have ${RECRAFT_PROMPT_BYTES_MAX} bytes at most.`);
  const count = numberIn(json, "n") ?? 1;
  const format = wordIn(json, "response_format", ["url", "b64_json"]) ?? "url";
  const native = { vendor: recraft.id, request: { path: "/images/generations", json: { ...json, model, n: count, response_format: "url" } } };
  const task = await finished(recraft, call, { action: "generate", model, request: { native, wish, withImages: false }, said: saidHere(wish, json), options: { ...scalars(json), n: count } }, tools);
  const made = task.outputs.filter(({ kind, url }) => kind === "image" && url !== undefined);
  const data = await Promise.all(made.map(async (output) => (format === "url" ? shown(output) : { b64_json: await bytesOf(output, tools) })));
  return { headers: { "x-task-id": task.id }, json: { created: seconds(task.finished_at ?? task.submitted_at), data } };
}

const tool = (model: string, ...names: string[]) =>
  ({
    method: "POST",
    paths: names.map((name) => `/recraft/v1/images/${name}`),
    bodies: ["form"],
    priced: true,
    handle: (call: MediaCall, tools: MediaTools): Promise<MediaAnswer> => {
      const form = formOf(call);
      checkForm(form, RECRAFT_TOOL);
      return pictures(recraft, call, tools, model, `/images/${call.path.split("/").at(-1)}`, form, {});
    },
  }) as const;

/** Recraft, below `/recraft`: pictures of a prompt, and its tools, each a form with a picture. A call waits for what is made. */
export const recraft: MediaFamily = {
  id: "recraft",
  platform: "recraft",
  idForm: "uuid",
  routes: [
    { method: "POST", paths: ["/recraft/v1/images/generations"], bodies: ["json"], priced: true, handle: drawn },
    tool("recraft-remove-background", "removeBackground"),
    tool("recraft-vectorize", "vectorize"),
    tool("recraft-crisp-upscale", "crispUpscale", "clarityUpscale"),
    tool("recraft-creative-upscale", "creativeUpscale", "generativeUpscale"),
  ],
  render: (task, tools) => render(task, tools),
  error: ({ kind, publicText }) => ({ status: kind.status, json: { code: kind.code, message: publicText } }),
};
