/**
 * Values from outside, as values of the program's own.
 *
 * What a caller hands in can be anything: an object whose fields throw or answer differently each time, one that is
 * shared along millions of paths or holds itself, a list of any length. It is copied once, by fields, within bounds;
 * everything after reads the copy. So reading takes bounded time and memory, what is checked is what is kept, and what
 * the caller does with its value afterwards does not reach it.
 *
 * @since 0.1.0
 */
import * as BigDecimal from "effect/BigDecimal"
import * as Either from "effect/Either"
import * as Decimal from "./Decimal.js"
import * as Fault from "./Fault.js"
import * as Json from "./Json.js"

/** Levels that an input may be nested. @category constants @since 0.1.0 */
export const maxDepth = 64

/** Values that an input may hold, each counted as often as a path leads to it. @category constants @since 0.1.0 */
export const maxValues = 200_000

/** No number of the program is as large: amounts have at most 78 digits. */
const numbersBelow = 10n ** 156n

interface Walk {
  readonly path: Array<string | number>
  /** Values that may still be read. */
  left: number
  fault: Fault.Fault | undefined
}

const refuse = (walk: Walk, expected: string, actual: string, path = Fault.formatPath("", walk.path)): undefined => {
  walk.fault ??= { path, expected, actual }
  return undefined
}

const refuseSize = (walk: Walk): undefined => refuse(walk, `at most ${maxValues} values`, "more", "")

/** The class of an object as it names itself. */
const classOf = (value: object): string => Object.prototype.toString.call(value).slice(8, 64).replace(/\]$/, "")

const ofDecimal = (given: BigDecimal.BigDecimal, walk: Walk): BigDecimal.BigDecimal | undefined => {
  const { scale, value } = given
  const decimal = typeof value === "bigint" && typeof scale === "number" ? BigDecimal.make(value, scale) : undefined
  return decimal !== undefined && Decimal.isWritable(decimal)
    ? decimal
    : refuse(walk, `a decimal of at most ${Decimal.maxDigits} digits`, "a larger one")
}

const ofList = (list: ReadonlyArray<unknown>, walk: Walk): ReadonlyArray<unknown> | undefined => {
  const { length } = list
  if (!Number.isSafeInteger(length) || length > walk.left) return refuseSize(walk)
  const copied: Array<unknown> = []
  for (let index = 0; index < length; index++) {
    walk.path.push(index)
    copied.push(take(list[index], walk))
    if (walk.fault !== undefined) return undefined
    walk.path.pop()
  }
  return copied
}

const ofRecord = (record: { readonly [key: string]: unknown }, walk: Walk): { readonly [key: string]: unknown } | undefined => {
  const keys = Object.keys(record)
  if (keys.length > walk.left) return refuseSize(walk)
  const copied: Record<string, unknown> = {}
  for (const key of keys) {
    walk.path.push(key)
    if (key === "__proto__") return refuse(walk, "no such field", "the field __proto__")
    if (!Json.isWellFormed(key)) return refuse(walk, "a key of whole characters", "half of a surrogate pair")
    copied[key] = take(record[key], walk)
    if (walk.fault !== undefined) return undefined
    walk.path.pop()
  }
  return copied
}

const take = (value: unknown, walk: Walk): unknown => {
  walk.left--
  if (walk.left < 0) return refuseSize(walk)
  switch (typeof value) {
    case "function":
    case "symbol":
      return refuse(walk, "a value that JSON can hold", `a ${typeof value}`)
    case "string":
      return Json.isWellFormed(value) ? value : refuse(walk, "a text of whole characters", "half of a surrogate pair")
    case "bigint":
      return -numbersBelow < value && value < numbersBelow ? value : refuse(walk, `a number of at most ${Decimal.maxDigits} digits`, "a larger one")
    case "object":
      if (value === null) return null
      if (walk.path.length >= maxDepth) return refuse(walk, `values nested at most ${maxDepth} levels`, "deeper ones", "")
      if (Array.isArray(value)) return ofList(value, walk)
      if (Object.getPrototypeOf(value) !== Object.prototype) {
        if (BigDecimal.isBigDecimal(value)) return ofDecimal(value, walk)
        const name = classOf(value)
        if (name !== "Object") return refuse(walk, "a value that JSON can hold", `a ${name}`)
      }
      return ofRecord(value as { readonly [key: string]: unknown }, walk)
    default:
      return value
  }
}

/**
 * A copy of a value: its lists, its objects by their own enumerable fields, its decimals, texts, numbers and booleans.
 * Fields whose keys are symbols are passed over. Each field is read once.
 *
 * Refused, with the path, are functions, symbols and objects of other classes; what throws when it is read; the key
 * `__proto__`; half of a surrogate pair; numbers that nothing here is as large as; more than {@link maxDepth} levels and
 * more than {@link maxValues} values. Code of the caller that never returns, as a getter can be, is not bounded.
 *
 * @category constructors
 * @since 0.1.0
 */
export const copy = (input: unknown): Either.Either<unknown, Fault.Fault> => {
  const walk: Walk = { path: [], left: maxValues, fault: undefined }
  const copied = Either.try({
    try: () => take(input, walk),
    catch: (): Fault.Fault => ({
      path: Fault.formatPath("", walk.path),
      expected: "a value that can be read",
      actual: "one that throws when it is read"
    })
  })
  return Either.isRight(copied) && walk.fault !== undefined ? Either.left(walk.fault) : copied
}
