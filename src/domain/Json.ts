/**
 * JSON values, and the one text that a value has.
 *
 * @since 0.1.0
 */

/**
 * A value that JSON can hold. Numbers are those of JavaScript, so that money is held as text.
 *
 * @category models
 * @since 0.1.0
 */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/**
 * JSON text with the keys of every object sorted, so that equal values have equal text.
 *
 * @category combinators
 * @since 0.1.0
 */
export const canonical = (value: Json): string => {
  if (value === null || typeof value !== "object") return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  const record = value as { readonly [key: string]: Json }
  return `{${Object.keys(record)
    .sort()
    .filter((key) => record[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonical(record[key]!)}`)
    .join(",")}}`
}
