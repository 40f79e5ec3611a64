/**
 * JSON that says one thing: every key once, whole characters, no byte order mark.
 */
import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import * as Json from "execution-interface-manager/domain/Json"
import * as Utf8 from "execution-interface-manager/domain/Utf8"

const malformed = (text: string): Json.Malformed => Either.getOrThrow(Either.flip(Json.parse(text)))

/** A text for a value, with blanks and escapes as a writer may choose them. */
const written = (value: Json.Json, choose: () => number): string => {
  const blank = () => ["", " ", "\n", "\t  "][choose() % 4]!
  const quoted = (text: string) =>
    `"${[...JSON.stringify(text).slice(1, -1).matchAll(/\\u[0-9a-f]{4}|\\.|[\s\S]/g)].map(([part]) =>
      part.length === 1 && choose() % 5 === 0 ? `\\u${part.charCodeAt(0).toString(16).padStart(4, "0")}` : part).join("")}"`
  if (typeof value === "string") return quoted(value)
  if (value === null || typeof value !== "object") return JSON.stringify(value)
  const members = Array.isArray(value)
    ? value.map((member: Json.Json) => blank() + written(member, choose) + blank())
    : Object.entries(value).map(([key, member]) => `${blank()}${quoted(key)}${blank()}:${blank()}${written(member, choose)}${blank()}`)
  return Array.isArray(value) ? `[${members.join(",")}]` : `{${members.join(",")}}`
}

const value = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json.Json>
const choices = fc.infiniteStream(fc.nat(1000)).map((stream) => () => stream.next().value as number)

/** Gives one object of a text, if there is any with a key, the same key again. */
const doubled = (json: Json.Json, choose: () => number): string | undefined => {
  let key: string | undefined
  const mark = (value: Json.Json): Json.Json => {
    if (value === null || typeof value !== "object") return value
    if (Array.isArray(value)) return value.map(mark)
    const entries = Object.entries(value as { readonly [key: string]: Json.Json })
    if (key === undefined && entries.length > 0) {
      key = entries[choose() % entries.length]![0]
      return Object.fromEntries([...entries, ["☞", null]])
    }
    return Object.fromEntries(entries.map(([name, member]) => [name, mark(member)]))
  }
  const text = JSON.stringify(mark(json))
  if (key === undefined) return undefined
  const again = choose() % 2 === 0 || key === "" ? JSON.stringify(key) : `"${[...Array(key.length).keys()].map((n) => `\\u${key!.charCodeAt(n).toString(16).padStart(4, "0")}`).join("")}"`
  return text.replace("\"☞\"", () => again)
}

describe("JSON text", () => {
  it("is read as JSON.parse reads it, where it contradicts itself nowhere", () => {
    fc.assert(fc.property(value, choices, (value, choose) => {
      fc.pre(Json.isWellFormed(JSON.stringify(value).replace(/\\u[d][89a-f]../gi, "\ud800")))
      const text = written(value, choose)
      assert.deepStrictEqual(Json.parse(text), Either.right(JSON.parse(text)))
    }), { numRuns: 1000 })
  })

  it("is refused where JSON.parse refuses it", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), value.map((value) => JSON.stringify(value).slice(1)), value.map((value) => `${JSON.stringify(value)},`)), (text) => {
      // Half of a pair is the one thing that these texts can hold and only the strict reader refuses.
      fc.pre(Json.isWellFormed(text) && !/\\ud/i.test(text))
      assert.strictEqual(Either.isLeft(Json.parse(text)), Either.isLeft(Either.try(() => JSON.parse(text))))
    }), { numRuns: 1000 })
  })

  it("with a key twice is refused, wherever it stands and however it is written", () => {
    let seen = 0
    fc.assert(fc.property(value, choices, (value, choose) => {
      const text = doubled(value, choose)
      if (text === undefined) return
      seen++
      assert.doesNotThrow(() => JSON.parse(text))
      assert.match(malformed(text).reason, /^the key ".*" stands twice in one object$|half of a surrogate/)
    }), { numRuns: 1000 })
    assert.isAbove(seen, 100)
  })

  const cases: ReadonlyArray<readonly [text: string, reason: string, path: string, position: number | undefined]> = [
    ["{\"amount\":\"0.1\",\"amount\":\"10\"}", "the key \"amount\" stands twice in one object", "amount", 16],
    ["{\"a\":1,\"a\":1}", "the key \"a\" stands twice in one object", "a", 7],
    ["{\"a\":1,\"\\u0061\":2}", "the key \"a\" stands twice in one object", "a", 7],
    ["{\"\\/\":1,\"/\":2}", "the key \"/\" stands twice in one object", "/", 8],
    ["{\"__proto__\":1,\"__proto__\":2}", "the key \"__proto__\" stands twice in one object", "__proto__", 15],
    ["{\"\":1,\"\":2}", "the key \"\" stands twice in one object", "", 6],
    ["{\"a\":[{},{\"b\":{\"c\":1,\"d\":[],\"c\":2}}]}", "the key \"c\" stands twice in one object", "a[1].b.c", 28],
    ["[[],[\"\\\\\\\"\",{\"k\":\"}\",\"k\":\"{\"}]]", "the key \"k\" stands twice in one object", "[1][1].k", 21],
    ["{\"a\":\"\\ud800\"}", "a text has half of a surrogate pair, which is no character", "a", 5],
    ["{\"\\udc00\":1}", "a text has half of a surrogate pair, which is no character", "\udc00", 1],
    ["[\"\ud83d\"]", "a text has half of a surrogate pair, which is no character", "[0]", 1],
    ["\ufeff{}", "it begins with a byte order mark", "", 0]
  ]

  for (const [text, reason, path, position] of cases) {
    it(`${JSON.stringify(text)} is refused`, () => {
      assert.deepStrictEqual(malformed(text), { reason, path, position })
    })
  }

  it("may have one key in several objects, and whole characters beyond the first plane", () => {
    for (const text of ["[{\"a\":1},{\"a\":1}]", "{\"a\":{\"a\":{\"a\":1}}}", "{\"a\":\"a\",\"b\":\"a\"}", "\"\\ud83d\\ude00\"", "\"😀\"", " {} "]) {
      assert.deepStrictEqual(Json.parse(text), Either.right(JSON.parse(text)))
    }
  })

  it("is read in time that grows with its length, however deep it is", () => {
    const deep = 200_000
    assert.isTrue(Either.isRight(Json.parse("[".repeat(deep) + "]".repeat(deep))))
    assert.match(malformed(`${"{\"a\":".repeat(deep)}{"b":1,"b":2}${"}".repeat(deep)}`).reason, /^the key "b"/)
    const wide = `{${Array.from({ length: deep }, (_, n) => `"k${n}":${n}`).join(",")},"k0":1}`
    assert.match(malformed(wide).reason, /^the key "k0"/)
  })
})

describe("UTF-8", () => {
  const text = fc.string({ unit: "binary", maxLength: 40 })
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xa0, 0xed, 0x9f, 0xef, 0xbb, 0xf0, 0x90, 0xf4, 0x8f, 0xf5, 0xff), { maxLength: 12 }).map((list) => Uint8Array.from(list)),
    text.map((text) => new TextEncoder().encode(text))
  )
  const strict = (part: Uint8Array) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(part)
  const holds = (part: Uint8Array) => Either.isRight(Either.try(() => strict(part)))

  it("is the text, or the first byte that begins none", () => {
    fc.assert(fc.property(bytes, (bytes) => {
      const decoded = Utf8.decode(bytes)
      if (Either.isRight(decoded)) return assert.strictEqual(decoded.right, strict(bytes))
      assert.isTrue(holds(bytes.subarray(0, decoded.left)))
      for (let length = 1; length <= 4 && decoded.left + length <= bytes.length; length++) {
        assert.isFalse(holds(bytes.subarray(decoded.left, decoded.left + length)))
      }
    }), { numRuns: 3000 })
  })

  it("is the same in parts, wherever they are cut", () => {
    fc.assert(fc.property(bytes, fc.array(fc.nat(12), { maxLength: 5 }), (bytes, cuts) => {
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
      const parts = Utf8.parts()
      let read: Either.Either<string, number> = Either.right("")
      const take = (next: Either.Either<string, number>) => {
        read = Either.flatMap(read, (before) => Either.map(next, (after) => before + after))
      }
      for (let n = 1; n < places.length && Either.isRight(read); n++) take(parts.push(bytes.subarray(places[n - 1]!, places[n]!)))
      if (Either.isRight(read)) take(parts.end())
      assert.deepStrictEqual(read, Utf8.decode(bytes))
    }), { numRuns: 3000 })
  })

  it("keeps a byte order mark, for its reader to judge", () => {
    assert.deepStrictEqual(Utf8.decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41)), Either.right("\ufeffA"))
    assert.deepStrictEqual(Utf8.decode(Uint8Array.of(0x41, 0xed, 0xa0, 0x80)), Either.left(1))
  })
})
