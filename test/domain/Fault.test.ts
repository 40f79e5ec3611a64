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

  it("allows values nested as deep as it says, and no deeper", () => {
    const nest = (levels: number, wrap: (value: unknown) => unknown): unknown => {
      let value: unknown = 1
      for (let level = 0; level < levels; level++) value = wrap(value)
      return value
    }
    for (const wrap of [(value: unknown) => [0, value], (value: unknown) => ({ a: null, value })]) {
      assert.isUndefined(Fault.depth(nest(Fault.maxDepth, wrap)))
      assert.strictEqual(Fault.depth(nest(Fault.maxDepth + 1, wrap))?.path, "")
    }
    assert.isUndefined(Fault.depth(null))
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
