import { z } from "zod";

/** The same parameters, each with the value that it has in the example. */
export function withExamples(parameters: z.ZodObject, values: Readonly<Record<string, string>> = {}): z.ZodObject {
  const shape = Object.entries(parameters.shape as Record<string, z.ZodType>).map(([name, schema]) => [name, values[name] === undefined ? schema : schema.meta({ ...schema.meta(), param: { example: values[name] } })]);
  const { catchall } = parameters.def;
  const made = z.object(Object.fromEntries(shape) as Record<string, z.ZodType>);
  return catchall ? made.catchall(catchall) : made;
}
