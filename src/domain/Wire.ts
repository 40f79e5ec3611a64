/**
 * Between snake_case JSON and camelCase values.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/** A key in snake_case as its camelCase: `operation_id` is `operationId`. @category models @since 0.1.0 */
export type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S

/** An object with its keys in camelCase and its values as they are. @category models @since 0.1.0 */
export type CamelKeys<A> = { readonly [K in keyof A as K extends string ? Camel<K> : K]: A[K] }

const camel = (key: string): string => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/**
 * A struct whose encoded keys are written here in snake_case and whose decoded keys are their camelCase.
 *
 * @category schemas
 * @since 0.1.0
 */
export const struct = <Fields extends Schema.Struct.Fields>(
  fields: Fields
): Schema.Schema<
  CamelKeys<Schema.Struct.Type<Fields>>,
  Schema.Struct.Encoded<Fields>,
  Schema.Struct.Context<Fields>
> => {
  const renames: Record<string, string> = {}
  for (const key of Object.keys(fields)) {
    if (camel(key) !== key) renames[key] = camel(key)
  }
  const schema: Schema.Schema.Any = Schema.Struct(fields)
  const struct = schema as Schema.Schema<{ readonly [key: string]: unknown }>
  const renamed: Schema.Schema.Any = Schema.rename(struct, renames)
  return renamed as Schema.Schema<
    CamelKeys<Schema.Struct.Type<Fields>>,
    Schema.Struct.Encoded<Fields>,
    Schema.Struct.Context<Fields>
  >
}
