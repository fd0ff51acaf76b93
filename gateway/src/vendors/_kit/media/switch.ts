/** Words for "no" where a switch is said as a text (`google_search` of the documented `/task/submit`). */
const OFF = new Set(["", "disable", "disabled", "off", "false", "no", "none"]);

/** Whether a switch is on, said as a boolean or as a word. */
export const isOn = (value: unknown): boolean => (typeof value === "string" ? !OFF.has(value.toLowerCase()) : value === true);
