/** What a task makes, by faults and by words of the prompt. */
import type { FaultValues } from "../fault-spec.ts";

/** Words of a prompt that every vendor refuses for its content. */
const FORBIDDEN = /\bforbidden (?:picture|video|words|song|content)\b/i;

/** Takes a prompt; tells whether vendors refuse it. */
export const isForbidden = (prompt: string): boolean => FORBIDDEN.test(prompt);

/** Takes the faults and a prompt; tells whether a vendor that looks at submits refuses this one. */
export const isRefused = (faults: FaultValues, prompt: string): boolean => faults.has("refuse-submit") || isForbidden(prompt);

/** Takes what was asked for and the faults; gives what is made: with `partial` one less. */
export const madeOf = <T>(asked: T[], faults: FaultValues): T[] => (faults.has("partial") ? asked.slice(0, -1) : asked);
