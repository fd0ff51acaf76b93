import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MEASURES, unitCount, type Usage, type UsageClass } from "../dialects/canonical/usage.ts";
import type { Option } from "./conditions.ts";
import { lineAmountNano } from "./evaluate.ts";
import type { Model } from "./model.ts";
import { nanoToUsdText } from "./money.ts";
import type { Parameter } from "./parameters.ts";
import { chargeTask, quoteTask, type TaskQuote } from "./quote-task.ts";
import { loadCatalog, SHIPPED_MEDIA } from "./shipped.ts";

const catalog = loadCatalog();
const group = catalog.groups()[0];
if (!group) throw new Error("no group");
const media = catalog.models().filter((model) => model.kind);
const priced = media.filter((model) => model.compiled);
const modelOf = (name: string): Model => {
  const model = catalog.find(name);
  if (!model) throw new Error(`no model ${name}`);
  return model;
};

/** What a door would measure of a call: `characters` of a text, `videoSeconds` of a given video. */
const measuredOf = (model: Model): UsageClass[] => {
  const { compiled } = model;
  if (!compiled) return [];
  const levels = compiled.strict ? compiled.variants : [compiled.base, ...compiled.variants];
  return [...MEASURES].filter((name) => levels.some((level) => level.unit[name] !== undefined && level.counts[name] === undefined && name !== "images"));
};

const valueOf = (parameter: Parameter): fc.Arbitrary<Option> =>
  parameter.values ? fc.constantFrom(...parameter.values) : parameter.fraction ? fc.double({ min: parameter.from ?? 0, max: parameter.to ?? 100, noNaN: true }) : fc.integer({ min: parameter.from ?? 0, max: parameter.to ?? 100 });
/** Valid values of some or all parameters; the rest is left out. */
const optionsOf = (model: Model): fc.Arbitrary<Record<string, Option>> =>
  fc.tuple(...Object.entries(model.parameters ?? {}).map(([name, parameter]) => fc.option(valueOf(parameter).map((value) => [name, value] as const)))).map((chosen) => Object.fromEntries(chosen.filter((entry) => entry !== null)));
const countsOf = (model: Model): fc.Arbitrary<Usage> => fc.record(Object.fromEntries(measuredOf(model).map((name) => [name, fc.integer({ min: 1, max: 5_000 })])));
const reports: fc.Arbitrary<Usage> = fc.record(Object.fromEntries([...MEASURES].map((name) => [name, fc.oneof(fc.nat({ max: 20 }), fc.double({ min: 0, max: 1_000_000, noNaN: true }))])), { requiredKeys: [] });

describe("every shipped media model", () => {
  test("is there, named by its file with date and origin", () => {
    expect(media.length).toBeGreaterThan(120);
    for (const { media: file } of SHIPPED_MEDIA) {
      expect(file.origin.length).toBeGreaterThan(40);
      expect(file.asOf).toMatch(/^2026-\d\d-\d\d$/);
    }
  });

  test.each(media.map((model) => [model.id, model] as const))("M32: %s has a price, a kind and somebody who makes it, unless it is retired", (_id, model) => {
    expect(model.kind).toBeDefined();
    expect(model.sources?.length).toBeGreaterThan(0);
    if (!model.retiredAt) expect(model.compiled).toBeDefined();
  });

  test.each(priced.map((model) => [model.id, model] as const))("M22 M24 %s: quote = hold >= charge for random valid parameters; the lines sum to the charge; every fault names its parameter", (_id, model) => {
    let quoted = 0;
    fc.assert(
      fc.property(optionsOf(model), countsOf(model), reports, (options, counts, reported) => {
        for (const { name } of catalog.groups()) {
          const its = catalog.group(name);
          if (!its) throw new Error(name);
          const quote = quoteTask(model, its, { options, counts }, catalog.priceVersion);
          if ("fault" in quote) {
            expect(quote.fault).not.toBe("unpriced");
            if (quote.fault !== "unpriced") expect(Object.keys(model.parameters ?? {})).toContain(quote.parameter);
            continue;
          }
          quoted += 1;
          expect(quote.lines.reduce((sum, line) => sum + lineAmountNano(line), 0n)).toBe(quote.expectedNano);
          expect(quote.lines.filter((line) => line.unpriced)).toEqual([]);
          expect(quote.worstNano).toBeGreaterThanOrEqual(quote.expectedNano);
          expect(quote.worstNano).toBeGreaterThan(0n);
          const terms = JSON.parse(JSON.stringify(quote.terms)) as TaskQuote["terms"];
          expect(chargeTask(terms)).toMatchObject({ totalNano: quote.expectedNano, lines: quote.lines, exceeded: [] });
          const charge = chargeTask(terms, reported);
          expect(charge.totalNano).toBeLessThanOrEqual(quote.worstNano);
          expect(charge.lines.reduce((sum, line) => sum + lineAmountNano(line), 0n)).toBe(charge.totalNano);
          for (const name of charge.exceeded) expect(unitCount(name, reported[name as UsageClass])).toBeGreaterThan(0);
        }
      }),
      { numRuns: 40 },
    );
    expect(quoted).toBeGreaterThan(0);
  });

  test.each(priced.map((model) => [model.id, model] as const))("%s: each of its prices is reached by some call", (_id, model) => {
    const { compiled } = model;
    if (!compiled) throw new Error("unpriced");
    const counts = Object.fromEntries(measuredOf(model).map((name) => [name, 10]));
    const reached = new Set(combinations(model).map((options) => {
      const quote = quoteTask(model, group, { options, counts }, "v");
      return "fault" in quote ? "" : (quote.terms.variant ?? "base");
    }));
    reached.delete("");
    expect(reached.size).toBe(compiled.variants.length + (compiled.strict || compiled.variants.length > 0 && allCovered(model) ? 0 : 1));
  });

  test.each(priced.map((model) => [model.id, model] as const))("M23 %s: a parameter that is left out costs what its default costs", (_id, model) => {
    const counts = Object.fromEntries(measuredOf(model).map((name) => [name, 10]));
    const required = Object.fromEntries(Object.entries(model.parameters ?? {}).flatMap(([name, { default: usual, values, from }]) => (usual === undefined ? [[name, values?.[0] ?? from ?? 1]] : [])));
    const defaults = Object.fromEntries(Object.entries(model.parameters ?? {}).flatMap(([name, { default: usual }]) => (usual === undefined ? [] : [[name, usual]])));
    const silent = quoteTask(model, group, { options: required, counts }, "v");
    expect("fault" in silent).toBe(false);
    expect(quoteTask(model, group, { options: { ...required, ...defaults }, counts }, "v")).toEqual(silent);
  });
});

/** All combinations of parameters, ranges by their ends and what prices name in between. */
function combinations(model: Model): Record<string, Option>[] {
  let all: Record<string, Option>[] = [{}];
  for (const [name, parameter] of Object.entries(model.parameters ?? {})) {
    const named = (model.compiled?.variants ?? []).flatMap(({ when = {} }) => {
      const condition = when[name];
      return typeof condition === "object" && !Array.isArray(condition) ? [(condition as { from?: number }).from, (condition as { to?: number }).to] : [];
    });
    const values: readonly Option[] = parameter.values ?? [parameter.from ?? 0, parameter.to ?? 100, ...named.filter((value) => value !== undefined)];
    all = all.flatMap((options) => values.map((value) => ({ ...options, [name]: value })));
  }
  return all;
}

/** Whether no call is left for the base price. */
const allCovered = (model: Model): boolean => combinations(model).every((options) => {
  const quote = quoteTask(model, group, { options, counts: Object.fromEntries(measuredOf(model).map((name) => [name, 10])) }, "v");
  return !("fault" in quote) && quote.terms.variant !== undefined;
});

/** Every media model that the documented endpoints name, under that name. */
const DOCUMENTED = `
  gpt-image-1 dall-e-3 imagen4 seedream-3.0 recraftv3 recraftv2 qwen-image qwen-image-edit
  mj_imagine mj_blend mj_describe mj_variation mj_upscale mj_reroll mj_video mj_shorten mj_action mj_edits mj_swap_face
  ideogram-v3-generate ideogram-v3-edit ideogram-v3-remix ideogram-upscale
  kling-v1-image kling-v1-5-image kling-v2-image kolors-virtual-try-on-v1 kolors-virtual-try-on-v1-5
  flux-kontext-pro flux-kontext-max flux-pro flux-pro-1.1-ultra flux-1.1-pro-ultra google/imagen-4
  recraft-remove-background recraft-clarity-upscale recraft-generative-upscale
  kling-v1 kling-v1-5 kling-v1-6 kling-v2-master kling-v2-1-master kling-v2-5-turbo kling-v2-6 kling-v3
  gen3a_turbo gen4_turbo ray-v1 ray-v2 ray-v3 pika-1.5 pika-2.0 pika-2.2
  veo2 veo2-fast veo3 veo3-fast veo3-pro veo3-pro-frames veo3-fast-frames veo2-fast-frames veo2-fast-components
  T2V-01 I2V-01 S2V-01 MiniMax-Hailuo-02 MiniMax-Hailuo-2.3
  doubao-seedance-1-0-lite-t2v-250428 doubao-seedance-1-0-lite-i2v-250428 doubao-seedance-1-0-pro-250528
  fal-ideogram-v3-remix fal-flux-pro-kontext-max fal-recraft-v3-text-to-image fal-recraft-v3-image-to-image fal-bytedance-seededit-v3-edit-image
  fal-minimax-speech-02-hd fal-minimax-speech-02-turbo fal-elevenlabs-tts-turbo-v2.5 fal-elevenlabs-tts-multilingual-v2
  fal-topaz-upscale-video fal-luma-dream-machine-ray-2-flash-reframe fal-luma-dream-machine-ray-2-reframe
  nano-banana-2 nano-banana-pro gemini-2.5-flash-image[nano-banana] gpt-image seedream-5 seedream-4.5 seedream-4.0
  grok-video grok-video-1.5 omni-flash veo3.1 veo-3.1 kling-2.5-turbo hailuo-2.3
  suno_music suno_lyrics sora-2 sora-2-pro eleven_multilingual_v2 speech-02-hd topaz-video-upscale wan2.5-t2v-preview
`.trim().split(/\s+/);

test.each(DOCUMENTED)("%s is priced, or retired with a successor that is", (name) => {
  const model = modelOf(name);
  if (!model.retiredAt) return expect(model.compiled).toBeDefined();
  // OpenAI's videos alone ended without one.
  if (!name.startsWith("sora")) expect(modelOf(model.replacedBy ?? "").compiled).toBeDefined();
});

describe("prices as documented", () => {
  const dollars = (name: string, options: Record<string, Option> = {}, counts: Usage = {}): string => {
    const quote = quoteTask(modelOf(name), group, { options, counts }, "v");
    return "fault" in quote ? JSON.stringify(quote) : nanoToUsdText(quote.expectedNano);
  };

  test.each<[string, Record<string, Option>, string]>([
    ["nano-banana-2", { size: "1K" }, "0.08"],
    ["nano-banana-2", { size: "0.5k" }, "0.06"],
    ["nano-banana-2", { size: "4K", images: 3 }, "0.2"],
    ["gpt-image", { size: "1024x1024", quality: "low" }, "0.024"],
    ["gpt-image", { size: "1536x1024", quality: "high" }, "0.3"],
    ["grok-video", { duration: 8, size: "1080p" }, "0.17"],
    ["grok-video", { duration: 15 }, "0.3"],
    ["grok-video-1.5", { duration: 12, images: 1, size: "720p" }, "0.35"],
    ["seedream-5", { n: 1 }, "0.065"],
    ["seedream-4.0", { n: 2 }, "0.06"],
    ["recraftv3", { style: "vector_illustration" }, "0.08"],
    ["omni-flash", { mode: "i2v(img_ref)", images: 2 }, "0.37"],
    ["omni-flash", { mode: "v2v", videos: 1 }, "0.47"],
    ["kling-v1", { duration: "5" }, "0.14"],
    ["kling-v2-1-master", { duration: "10", mode: "pro" }, "2.8"],
    ["kling-v2-6", { duration: "5", mode: "pro", audio: "on" }, "0.7"],
    ["kling-v3", { duration: "15", mode: "4k" }, "6.3"],
    ["kling-v1-5-image", { n: 2, images: 1 }, "0.056"],
    ["gen4_turbo", { duration: 5 }, "0.25"],
    ["ray-v2", { duration: "5s", resolution: "720p" }, "0.707788800"],
    ["pika-2.2", { duration: 5, resolution: "1080p" }, "0.45"],
    ["veo3", {}, "3.2"],
    ["veo2-fast-components", { images: 3 }, "3.2"],
    ["MiniMax-Hailuo-02", { resolution: "1080P" }, "0.49"],
    // Ark's own report of five seconds at 1080p, 16:9: 246,840 tokens at $2.5 a million.
    ["doubao-seedance-1-0-pro-250528", {}, "0.6171"],
    ["flux-pro-1.1-ultra", {}, "0.06"],
    ["ideogram-v3-generate", { rendering_speed: "TURBO", n: 4 }, "0.12"],
    ["fal-ideogram-v3-remix", { n: 2 }, "0.12"],
    ["recraft-clarity-upscale", {}, "0.004"],
    ["mj_imagine", {}, "0.07"],
    ["mj_video", {}, "0.56"],
    ["suno_music", {}, "0.04"],
    ["imagen4", { n: 2 }, "0.08"],
    ["elevenlabs-music-v2", {}, "0.3"],
    ["music_v2_5", { duration: 600, instrumental: true }, "6"],
    ["elevenlabs-sound-effects-v2", { duration: 2.5 }, "0.006"],
    ["eleven_text_to_sound_v2", {}, "0.01"],
  ])("%s %j costs $%s", (name, options, expected) => {
    expect(Number(dollars(name, options))).toBe(Number(expected));
  });

  test("what is measured is priced by what was measured", () => {
    expect(dollars("fal-minimax-speech-02-hd", {}, { characters: 5_000 })).toBe("0.5");
    expect(dollars("fal-elevenlabs-tts-turbo-v2.5", {}, { characters: 1 })).toBe("0.00005");
    expect(dollars("fal-luma-dream-machine-ray-2-flash-reframe", {}, { videoSeconds: 7.5 })).toBe("0.45");
    expect(dollars("aleph2", {}, { videoSeconds: 3 })).toBe("0.84");
    expect(dollars("fal-topaz-upscale-video", { output_height: 720 }, { videoSeconds: 10 })).toBe("0.1");
    expect(dollars("fal-topaz-upscale-video", { output_height: 1_440, target_fps: 60 }, { videoSeconds: 10 })).toBe("1.6");
    expect(dollars("fal-topaz-upscale-video", { model: "gaia 2", output_height: 1_080 }, { videoSeconds: 10 })).toBe("0.1");
    expect(dollars("fal-topaz-upscale-video", {}, { videoSeconds: 10 })).toBe("0.8");
  });

  test.each<[string, Record<string, Option>, string]>([
    ["nano-banana-2", {}, "size"],
    ["nano-banana-2", { size: "8K" }, "size"],
    ["grok-video", { duration: 5 }, "duration"],
    ["grok-video-1.5", { duration: 8 }, "images"],
    ["MiniMax-Hailuo-02", { resolution: "1080p", duration: 10 }, "resolution"],
    ["kling-v2-6", { audio: true }, "audio"],
    ["veo3-fast-frames", { images: 3 }, "images"],
    ["omni-flash", { videos: 1 }, "mode"],
    ["omni-flash", { images: 2 }, "mode"],
    ["omni-flash", { mode: "v2v" }, "videos"],
    ["omni-flash", { mode: "t2v", videos: 1 }, "mode"],
    ["veo3.1", { aspect_ratio: "1:1" }, "aspect_ratio"],
    ["nano-banana-2", { size: "1K", thinking: "max" }, "thinking"],
    ["nano-banana-2", { size: "1K", aspect_ratio: "99:1" }, "aspect_ratio"],
    ["grok-video", { aspect_ratio: "21:9" }, "aspect_ratio"],
    ["seedream-4.5", { images: 15 }, "images"],
    ["seedream-4.5", { sequential_image_generation: "sometimes" }, "sequential_image_generation"],
    ["gpt-image", { size: "1024x1024", background: "pink" }, "background"],
    ["ideogram-v3-edit", { n: 9 }, "n"],
    ["ideogram-v3-edit", { n: 1.5 }, "n"],
  ])("M32: %s %j has no price, and %s is named", (name, options, parameter) => {
    expect(quoteTask(modelOf(name), group, { options }, "v")).toMatchObject({ fault: "noMatchingPrice", parameter });
  });
});
