import type { Model } from "../catalog/index.ts";
import type { DialectId } from "../dialects/canonical/dialect.ts";
import { GatewayError } from "../errors/gateway-error.ts";

/** A purpose beside conversation. */
interface Purpose {
  /** what models of it put out (`modalities.output` of the catalog) */
  output: string;
  name: string;
  /** where they are called, in OpenAI's form and in others */
  address: string;
  dialects: ReadonlySet<DialectId>;
  /** models that put out other things too serve it as well: pictures come from models of conversation, speech of a given text does not */
  shared: boolean;
  /** whether such a model is also called at addresses of conversation in this dialect */
  alsoAt?(model: Model, dialect: DialectId): boolean;
}

const PURPOSES: readonly Purpose[] = [
  { output: "embedding", name: "embeddings", address: "/v1/embeddings", dialects: new Set<DialectId>(["openai-embeddings", "gemini-embeddings"]), shared: true },
  { output: "moderation", name: "moderations", address: "/v1/moderations", dialects: new Set<DialectId>(["openai-moderations"]), shared: true },
  { output: "ranking", name: "rankings", address: "/v1/rerank", dialects: new Set<DialectId>(["rerank"]), shared: true },
  {
    output: "audio",
    name: "speech of a given text",
    address: "/v1/audio/speech",
    dialects: new Set<DialectId>(["openai-speech"]),
    shared: false,
    // Google's own way to its -tts models is generateContent.
    alsoAt: (model, dialect) => dialect === "gemini" && model.vendor === "gemini",
  },
  { output: "transcript", name: "transcripts", address: "/v1/audio/transcriptions", dialects: new Set<DialectId>(["openai-transcriptions"]), shared: false },
  { output: "image", name: "pictures", address: "/v1/images/generations", dialects: new Set<DialectId>(["openai-images"]), shared: true },
];

/** The purpose of which alone a model is, kept since every call asks; undefined: conversation. */
const onlyPurposes = new WeakMap<Model, Purpose | undefined>();

function onlyPurposeOf(model: Model): Purpose | undefined {
  if (!onlyPurposes.has(model)) onlyPurposes.set(model, PURPOSES.find((purpose) => model.modalities.output.every((kind) => kind === purpose.output)));
  return onlyPurposes.get(model);
}

const PURPOSE_OF_DIALECT = new Map(PURPOSES.flatMap((purpose) => [...purpose.dialects].map((dialect) => [dialect, purpose] as const)));

/** Where models of conversation are called. */
const CONVERSATION = { name: "conversation", address: "/v1/chat/completions" };

/** What a model is for, and where it is called in OpenAI's form. */
export function purposeOf(model: Model): { name: string; address: string } {
  return onlyPurposeOf(model) ?? CONVERSATION;
}

/**
 * Refuses a model at an address where it does nothing, with a text that tells where it does; vendors answer such a call with a 404 of the model. A model of the
 * operator's own may do what the catalog does not know. Throws GatewayError invalidRequest.
 */
export function refuseOtherPurpose(model: Model, dialect: DialectId): void {
  if (model.own) return;
  const only = onlyPurposeOf(model);
  const asked = PURPOSE_OF_DIALECT.get(dialect);
  if (asked ? asked === only || (asked.shared && model.modalities.output.includes(asked.output)) : !only || only.alsoAt?.(model, dialect)) return;
  const makesNo = asked ? ` makes no ${asked.name}${only ? `, but ${only.name}` : ""}` : ` makes ${only?.name}`;
  throw new GatewayError("invalidRequest", { publicText: `The model "${model.id}"${makesNo}${only ? `: call it at ${only.address}` : ""}.`, param: "model" });
}
