/** The version of the gateway and its API. */
export const VERSION = "0.1.0";
