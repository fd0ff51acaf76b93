import { objectOf } from "../canonical/fields.ts";

/** The models that transcribe the caller's speech, by both places in which a session may name them (general availability, beta). */
export function transcriptionModels(session: Record<string, unknown>): string[] {
  const input = objectOf(objectOf(session["audio"])["input"]);
  return [input["transcription"], session["input_audio_transcription"]].map((one) => objectOf(one)["model"]).filter((model) => typeof model === "string");
}
