import type { ValueCase } from "./case.ts";
import { HAILUO_VALUES, KLING_VALUES, LUMA_VALUES, PIKA_VALUES, RUNWAY_VALUES, SEEDANCE_VALUES, VEO_VALUES } from "./films.ts";
import { FAL_VALUES, REPLICATE_VALUES } from "./hosts.ts";
import { IDEOGRAM_VALUES, RECRAFT_VALUES } from "./pictures.ts";

export type { ValueBody, ValueCase } from "./case.ts";

/** Values that doors refuse and take, door by door. */
export const VALUES: readonly ValueCase[] = [...REPLICATE_VALUES, ...FAL_VALUES, ...IDEOGRAM_VALUES, ...RECRAFT_VALUES, ...KLING_VALUES, ...HAILUO_VALUES, ...SEEDANCE_VALUES, ...RUNWAY_VALUES, ...LUMA_VALUES, ...PIKA_VALUES, ...VEO_VALUES];
