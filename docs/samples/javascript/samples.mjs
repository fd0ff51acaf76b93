/** What the samples share: where the gateway is, and running them one by one. */
import { basename } from "node:path";
import { argv, env, exit } from "node:process";

export const URL = env.YESCALE_URL ?? "http://127.0.0.1:3000";
export const KEY = env.YESCALE_API_KEY;
/** One model of each vendor: every client reaches all of them. */
export const MODELS = ["gpt-4.1-mini", "claude-sonnet-4-5", "gemini-2.5-flash"];
/** A picture of one red pixel, as base64. */
export const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

export const getWeather = ({ city }) => `It is sunny in ${city}, 21 degrees.`;

export function check(holds, saw) {
  if (!holds) throw new Error(`saw ${JSON.stringify(saw)}`);
}

/** Runs each sample with a model of each vendor. */
export const run = (...samples) => runWith(MODELS, ...samples);

/** Runs each sample with each model; prints a line for each, and leaves with 1 if any failed. */
export async function runWith(models, ...samples) {
  let failed = 0;
  for (const sample of samples)
    for (const model of models) {
      const name = `${basename(argv[1])} ${sample.name} ${model}`;
      try {
        await sample(model);
        console.log(`ok ${name}`);
      } catch (error) {
        failed += 1;
        console.log(`not ok ${name}`);
        console.error(error);
      }
    }
  exit(failed > 0 ? 1 : 0);
}
