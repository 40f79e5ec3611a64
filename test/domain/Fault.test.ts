import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc, Schema } from "effect"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Fault from "execution-interface-manager/domain/Fault"
import * as Wire from "execution-interface-manager/domain/Wire"

describe("Fault", () => {
  it.each([
    [undefined, "nothing"],
    [null, "null"],
    [12n, "12"],
    [1.5, "1.5"],
    ["a \"b\"", "\"a \\\"b\\\"\""],
    [[1, "x", [2], { a: 1 }, null], "[1, \"x\", […], {…}, null]"],
    [{ a: 1, b: [], c: {} }, "{a: 1, b: […], c: {…}}"],
    [[1, 2, 3, 4, 5, 6], "[1, 2, 3, 4, 5, 6]"],
    [[1, 2, 3, 4, 5, 6, 7], "[1, 2, 3, 4, 5, 6, …]"],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 }, "{a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, …}"],
    [10n ** 119n, `1${"0".repeat(119)}`],
    [10n ** 120n, `1${"0".repeat(119)}…`]
  ])("shows %o", (value, text) => assert.strictEqual(Fault.show(value), text))

  it("describes where, what was expected and what came", () => {
    assert.strictEqual(Fault.describe({ path: "a[1]", expected: "a name", actual: 7 }), "a[1]: expected a name, got 7")
    assert.strictEqual(Fault.describe({ path: "", expected: "a name", actual: undefined }), "the input: expected a name, got nothing")
  })

  it("writes paths as JavaScript would", () => {
    assert.strictEqual(Fault.formatPath("", ["instructions", 1, "amount"]), "instructions[1].amount")
    assert.strictEqual(Fault.formatPath("block", ["a"]), "block.a")
    assert.strictEqual(Fault.formatPath("", [0]), "[0]")
    assert.strictEqual(Fault.formatPath("base", []), "base")
  })

  it("shows anything in a few characters, and looks at it without harm", () => {
    const throwing = { get a(): never { throw new RangeError("no") } }
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const hostile: ReadonlyArray<readonly [value: unknown, text: string]> = [
      [throwing, "an object that cannot be read"],
      [proxy, "an object that cannot be read"],
      [{ toString: 1, toJSON: 2 }, "{toString: 1, toJSON: 2}"],
      [Object.assign(() => 1, { toString: 1 }), "a function"],
      [Symbol("a"), "Symbol(a)"],
      [10n ** 2_000_000n, "a number of more than 1000 digits"],
      ["😀".repeat(1_000_000), `"${"😀".repeat(59)}…`]
    ]
    for (const [value, text] of hostile) assert.strictEqual(Fault.show(value), text)
  })

  it("tells a record from everything else", () => {
    for (const value of [[], null, undefined, "text", 1, () => 1]) assert.isFalse(Fault.isRecord(value))
    assert.isTrue(Fault.isRecord({}))
  })

  const schema = Schema.Struct({
    name: Schema.String,
    size: Schema.optional(Decimal.Decimal),
    list: Schema.optional(Schema.Array(Schema.Struct({ at: Schema.Number }))),
    kind: Schema.optional(Schema.Literal("a", "b"))
  })
  const read = Fault.decoder(schema)

  it("reads a struct that is right", () => {
    assert.deepStrictEqual(read({ name: "x", list: [{ at: 1 }] }), Either.right({ name: "x", list: [{ at: 1 }] }))
    assert.deepStrictEqual(Fault.fieldNames(schema), ["name", "size", "list", "kind"])
    assert.deepStrictEqual(Fault.fieldNames(Schema.String), [])
  })

  it.each([
    [{}, "name", /required/, undefined],
    [{ name: 1 }, "name", /^string$/, 1],
    [{ name: "x", owner: 1 }, "owner", /^one of the fields name, size, list, kind$/, "the field owner"],
    [{ name: "x", list: [{ at: 1 }, { at: "2" }] }, "list[1].at", /^number$/, "2"],
    [{ name: "x", list: [1] }, "list[0]", /at/, 1],
    [{ name: "x", size: "1e3" }, "size", /^a decimal in plain notation/, "1e3"],
    [{ name: "x", kind: "c" }, "kind", /^"a" or "b"$/, "c"],
    [[], "", /^an object$/, []],
    ["text", "", /^an object$/, "text"]
  ])("tells the fault of %j", (input, path, expected, actual) => {
    const fault = Either.getOrThrow(Either.flip(read(input)))
    assert.strictEqual(fault.path, path)
    assert.match(fault.expected, expected)
    assert.notMatch(fault.expected, /undefined|actual/)
    assert.deepStrictEqual(fault.actual, actual)
    const below = Either.getOrThrow(Either.flip(read(input, "block[2]")))
    assert.strictEqual(below.path, path === "" ? "block[2]" : `block[2].${path}`)
  })
})

describe("all faults of an input", () => {
  const key = Schema.String.pipe(Schema.pattern(/^[a-z]+$/, { description: "a name in small letters" }))
  const pool = Schema.Struct({ pool: Schema.String, tier: Schema.optional(Schema.Number) })
  const schema = Schema.Struct({
    name: Schema.String,
    fees: Schema.optional(Schema.Record({ key, value: Schema.Number })),
    market: Schema.optional(Schema.Union(Schema.String, pool, Schema.Struct({ id: Schema.Number, pool: Schema.Number }))),
    list: Schema.optional(Schema.NonEmptyArray(Schema.Number)),
    nested: Schema.optional(Wire.struct({ fee_tier: Schema.Number, fee_kind: Schema.optional(Schema.Literal("a", "b")) })),
    size: Schema.optional(Schema.Int.pipe(Schema.between(1, 9))),
    even: Schema.optional(Schema.Struct({ n: Schema.Number }).pipe(Schema.filter(({ n }) => n % 2 === 0 || "expected an even n"))),
    own: Schema.optional(
      Schema.Union(Schema.String, Schema.Number).annotations({ message: () => ({ message: "expected a text or a number", override: true }) })
    )
  })
  const read = Fault.decoderOfAll(schema)
  const fields = "name, fees, market, list, nested, size, even, own"
  const either = "string or { readonly pool: string; readonly tier?: number | undefined } or { readonly id: number; readonly pool: number }"

  it.each<readonly [object, ReadonlyArray<readonly [path: string, expected: string, actual: unknown]>]>([
    [{ name: 1, list: ["x", 2, "y"], size: "1" }, [["name", "string", 1], ["list[0]", "number", "x"], ["list[2]", "number", "y"], ["size", "number", "1"]]],
    [{}, [["name", "a value, because the field is required", undefined]]],
    [{ name: "x", list: [] }, [["list", "a list of more than 0", []]]],
    [{ name: "x", size: 1.5 }, [["size", "an integer", 1.5]]],
    [{ name: "x", size: 10 }, [["size", "a number between 1 and 9", 10]]],
    // A key that is none of a record's, and one that is none of a struct's.
    [{ name: "x", fees: { A: 1, b: "x" } }, [["fees.A", "a name in small letters", "the field A"], ["fees.b", "number", "x"]]],
    [{ name: "x", other: 1 }, [["other", `one of the fields ${fields}`, "the field other"]]],
    [
      { name: "x", nested: { fee_tier: "x", feeKind: 1, fee_kind: "c" } },
      [
        ["nested.feeKind", "one of the fields fee_tier, fee_kind", "the field feeKind"],
        ["nested.fee_tier", "number", "x"],
        ["nested.fee_kind", "\"a\" or \"b\"", "c"]
      ]
    ],
    // Of a union the member that was meant, the one with the fewest faults; all of them where it is none.
    [{ name: "x", market: { pool: 1 } }, [["market.pool", "string", 1]]],
    [{ name: "x", market: { pool: "a", tire: 1 } }, [["market.tire", "one of the fields pool, tier", "the field tire"]]],
    [{ name: "x", market: { id: "a", pool: 7 } }, [["market.id", "number", "a"]]],
    [{ name: "x", market: 7 }, [["market", either, 7]]],
    [{ name: "x", market: null }, [["market", either, null]]],
    // A rule of the whole struct, and a fault inside that comes before it.
    [{ name: "x", even: { n: 1 } }, [["even", "an even n", { n: 1 }]]],
    [{ name: "x", even: { n: "1" } }, [["even.n", "number", "1"]]],
    [{ name: "x", own: {} }, [["own", "a text or a number", {}]]]
  ])("are told with their paths: %j", (input, expected) => {
    const faults = Either.getOrThrow(Either.flip(read(input, "config")))
    assert.deepStrictEqual(faults.map(({ actual, expected, path }) => [path, expected, actual]), expected.map(([path, ...rest]) => [`config.${path}`, ...rest]))
    // Read up to the first fault only, it is at the same place.
    const first = Either.getOrThrow(Either.flip(Fault.decoder(schema)(input)))
    assert.strictEqual(first.path, expected[0]![0])
  })

  it("lists the fields of the struct that a field is none of, and says where nothing is expected", () => {
    const only = Fault.decoder(Schema.Struct({ nested: Schema.optional(Schema.Struct({ a: Schema.Number })), none: Schema.optional(Schema.Undefined) }))
    const expected = (input: object) => Either.getOrThrow(Either.flip(only(input))).expected
    assert.strictEqual(expected({ nested: { a: 1, b: 2 } }), "one of the fields a")
    assert.strictEqual(expected({ b: 2 }), "one of the fields nested, none")
    assert.strictEqual(expected({ none: 1 }), "undefined")
  })

  it("is none where the input is right, and one where it is no object", () => {
    assert.deepStrictEqual(read({ name: "x", fees: { a: 1 }, market: { pool: "p" } }), Either.right({ name: "x", fees: { a: 1 }, market: { pool: "p" } }))
    assert.deepStrictEqual(read([], "config"), Either.left([{ path: "config", expected: "an object", actual: [] }]))
    assert.deepStrictEqual(read(7), Either.left([{ path: "", expected: "an object", actual: 7 }]))
  })
})

describe("Wire", () => {
  it("reads snake_case as camelCase, and writes it back", () => {
    const struct = Wire.struct({ block_id: Schema.String, plain: Schema.optional(Schema.Number), x_2y_z: Schema.optional(Schema.Boolean) })
    const snake = fc.record({ block_id: fc.string(), plain: fc.integer(), x_2y_z: fc.boolean() })
    fc.assert(
      fc.property(snake, (input) => {
        const value = Schema.decodeSync(struct)(input)
        assert.deepStrictEqual<unknown>(value, { blockId: input.block_id, plain: input.plain, x2yZ: input.x_2y_z })
        assert.deepStrictEqual(Schema.encodeSync(struct)(value), input)
      })
    )
  })
})
