import * as EventSchema from "execution-interface-manager/events/EventSchema"
import { assert, describe, it } from "vitest"
import { all, omission } from "./console.js"
import { decoders, faultOf } from "./outputs.js"
import { at } from "./blocks.js"

const page = "docs/guides/outputs.md"

const shown = all.filter(({ block }) => block.words.length > 0)

const whole = shown.filter(({ expected }) => !expected.includes(omission))

const kindOf = ({ block }: typeof shown[number]): string => block.words[0]!

describe("the outputs that the pages show", () => {
  it("are of every kind, and each says of which", () => {
    assert.sameMembers([...new Set(shown.map(kindOf))], [...decoders.keys()])
    for (const { block } of all) if (block.page === page) assert.lengthOf(block.words, 1, at(block))
  })

  it("decode as they stand", () => {
    assert.isAbove(whole.length, 8)
    for (const session of whole) {
      assert.isUndefined(faultOf(kindOf(session), session.expected.join("\n")), at(session.block))
    }
  })

  it("would not with a key that nobody knows, nor without one of theirs", () => {
    for (const session of whole) {
      const json: Record<string, unknown> = JSON.parse(session.expected.join("\n"))
      const [first = ""] = Object.keys(json)
      const { [first]: _, ...less } = json
      for (const changed of [{ ...json, nobody_knows: 1 }, less]) {
        assert.isDefined(faultOf(kindOf(session), JSON.stringify(changed)), at(session.block))
      }
    }
  })

  it("tell of a report that was executed and of one that was refused", () => {
    const codes = whole.filter((session) => kindOf(session) === "report").map(({ expected }) => JSON.parse(expected.join("\n")).error?.code)
    assert.deepStrictEqual(codes, [undefined, "EIM-006"])
  })

  it("have an event of each type that is frequent", () => {
    const types = whole.filter((session) => kindOf(session) === "event").map(({ expected }) => JSON.parse(expected.join("\n")).event_type)
    assert.deepStrictEqual(types, ["state_update", "operation", "accrual", "atomic_group", "error"])
    for (const type of types) assert.include(EventSchema.types, type)
  })
})
