/**
 * Text from bytes, strictly: what is not UTF-8 is refused with its place, and never replaced.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"

/** Bytes that follow a first byte, and the bounds of the second one; `undefined` where none can begin so. */
const following = (first: number): readonly [count: number, low: number, high: number] | undefined => {
  if (first < 0x80) return [0, 0, 0]
  if (first < 0xc2 || first > 0xf4) return undefined
  if (first < 0xe0) return [1, 0x80, 0xbf]
  if (first < 0xf0) return [2, first === 0xe0 ? 0xa0 : 0x80, first === 0xed ? 0x9f : 0xbf]
  return [3, first === 0xf0 ? 0x90 : 0x80, first === 0xf4 ? 0x8f : 0xbf]
}

/**
 * Where the first character begins that is none: an overlong form, half of a surrogate pair, a byte out of place, an end
 * within a character. `undefined` where all of it is UTF-8.
 */
const fault = (bytes: Uint8Array): number | undefined => {
  let at = 0
  while (at < bytes.length) {
    const form = following(bytes[at]!)
    if (form === undefined) return at
    const [count, low, high] = form
    for (let n = 1; n <= count; n++) {
      const byte = bytes[at + n]
      if (byte === undefined || byte < (n === 1 ? low : 0x80) || byte > (n === 1 ? high : 0xbf)) return at
    }
    at += count + 1
  }
  return undefined
}

/**
 * The text of bytes, or the position of the first byte that is not UTF-8, counted from 0. A byte order mark is kept.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (bytes: Uint8Array): Either.Either<string, number> =>
  Either.try({
    try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    catch: () => fault(bytes) ?? bytes.length
  })

/** How many bytes of a part are whole characters, as far as its end can tell. */
const whole = (bytes: Uint8Array): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const at = bytes.length - back
    const form = following(bytes[at]!)
    if (form === undefined) continue
    return form[0] >= back ? at : bytes.length
  }
  return bytes.length
}

/**
 * Reads text part by part, wherever the parts are cut. `push` answers the text of a part, `end` what is left; both the
 * position of the first byte of all parts that is not UTF-8.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parts = (): {
  readonly push: (bytes: Uint8Array) => Either.Either<string, number>
  readonly end: () => Either.Either<string, number>
} => {
  let rest = new Uint8Array(0)
  let before = 0
  const take = (bytes: Uint8Array, length: number): Either.Either<string, number> => {
    const text = Either.mapLeft(decode(bytes.subarray(0, length)), (position) => before + position)
    before += length
    rest = bytes.slice(length)
    return text
  }
  return {
    push: (bytes) => {
      const all = new Uint8Array(rest.length + bytes.length)
      all.set(rest)
      all.set(bytes, rest.length)
      return take(all, whole(all))
    },
    end: () => take(rest, rest.length)
  }
}
