/**
 * JSON values, and the one text that a value has.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

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

/**
 * Why a text is not JSON that can be relied on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Malformed {
  readonly reason: string
  /** Where in the text, counted from 0; `undefined` where the parser does not tell. */
  readonly position: number | undefined
  /** Where in the value, as in `instructions[0].amount`; empty for the whole of it, or where there is no value. */
  readonly path: string
}

const surrogate = /[\ud800-\udfff]/
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** Whether a text has only whole characters: no half of a surrogate pair. @category guards @since 0.1.0 */
export const isWellFormed = (text: string): boolean => !surrogate.test(text) || !loneSurrogate.test(text)

/** An object or a list that a place in a text lies in. */
interface Level {
  /** Keys that were there before; `undefined` in a list. */
  readonly keys: Set<string> | undefined
  /** The key or the index at hand. */
  at: string | number
  /** Whether the next text is a key. */
  awaitsKey: boolean
}

const pathOf = (levels: ReadonlyArray<Level>): string => {
  let text = ""
  // Of a path as deep as the text is long its beginning tells enough.
  for (const { at } of levels.slice(0, 64)) text += typeof at === "number" ? `[${at}]` : text === "" ? at : `.${at}`
  return text
}

/**
 * The first contradiction in a text that is JSON: a key that its object has already, whatever escapes it is written with,
 * or half of a surrogate pair. The text is read once from beginning to end, without recursion: time is linear in its
 * length, and nesting costs no stack.
 */
const contradiction = (text: string): Malformed | undefined => {
  const levels: Array<Level> = []
  let level: Level | undefined
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        levels.push((level = { keys: new Set(), at: "", awaitsKey: true }))
        break
      case 0x5b: // [
        levels.push((level = { keys: undefined, at: 0, awaitsKey: false }))
        break
      case 0x7d: // }
      case 0x5d: // ]
        levels.pop()
        level = levels[levels.length - 1]
        break
      case 0x2c: // ,
        if (level?.keys === undefined) level!.at = (level!.at as number) + 1
        else level.awaitsKey = true
        break
      case 0x22: { // "
        const begin = at
        let escaped = false
        for (at++; text.charCodeAt(at) !== 0x22; at++) {
          if (text.charCodeAt(at) === 0x5c) {
            escaped = true
            at++
          }
        }
        const inner = text.slice(begin + 1, at)
        const value = escaped ? (JSON.parse(text.slice(begin, at + 1)) as string) : inner
        const isKey = level?.awaitsKey === true
        if (isKey) {
          level!.at = value
          level!.awaitsKey = false
        }
        if (!isWellFormed(value)) {
          return { reason: "a text has half of a surrogate pair, which is no character", position: begin, path: pathOf(levels) }
        }
        if (isKey) {
          if (level!.keys!.has(value)) {
            return { reason: `the key ${JSON.stringify(value)} stands twice in one object`, position: begin, path: pathOf(levels) }
          }
          level!.keys!.add(value)
        }
      }
    }
  }
  return undefined
}

const faultOfParser = (message: string): Malformed => {
  const position = /position (\d+)/.exec(message)?.[1]
  return {
    reason: message.replace(/ in JSON at position.*$| \(line.*$|, "[\s\S]*" is not valid JSON$/, ""),
    position: position === undefined ? undefined : Number.parseInt(position, 10),
    path: ""
  }
}

/**
 * Reads JSON text strictly. Beside what is no JSON at all it refuses what readers of JSON take differently: a key that
 * stands twice in one object, however it is escaped; half of a surrogate pair; a byte order mark before the text.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): Either.Either<Json, Malformed> => {
  if (text.charCodeAt(0) === 0xfeff) return Either.left({ reason: "it begins with a byte order mark", position: 0, path: "" })
  const parsed = Either.try({
    try: (): Json => JSON.parse(text),
    catch: (error) => faultOfParser(error instanceof Error ? error.message : String(error))
  })
  if (Either.isLeft(parsed)) return parsed
  const found = contradiction(text)
  return found === undefined ? parsed : Either.left(found)
}

/**
 * Codec of JSON text, read as {@link parse} reads it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromText: Schema.Schema<unknown, string> = Schema.transformOrFail(Schema.String, Schema.Unknown, {
  strict: true,
  decode: (text, _options, ast) =>
    Either.mapLeft(parse(text), ({ reason }) => new ParseResult.Type(ast, text, `expected JSON: ${reason}`)),
  encode: (value, _options, ast) =>
    Either.try({ try: () => JSON.stringify(value), catch: () => new ParseResult.Type(ast, value, "expected a value that JSON can hold") })
})

/**
 * Codec of a value from JSON text, read as {@link parse} reads it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const fromText = <A, I>(schema: Schema.Schema<A, I>): Schema.Schema<A, string> => Schema.compose(FromText, schema, { strict: false })
