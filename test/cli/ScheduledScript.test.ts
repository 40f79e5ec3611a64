import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import * as Failure from "../../src/cli/Failure.js"
import * as Misunderstanding from "../../src/cli/Misunderstanding.js"
import * as ScheduledScript from "../../src/cli/ScheduledScript.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const supply = { instruction_type: "smart_contract_action", protocol: "aave", action: "supply", token: "USDT", amount: "1" }

const at = (timestamp: string, rest: object = {}) => JSON.stringify({ timestamp, ...rest })

const june = "2024-06-01T00:00:00Z"

const july = "2024-07-01T00:00:00Z"

const refused = (text: string): Failure.Failure =>
  Either.match(ScheduledScript.decode("script x", text), {
    onLeft: (failure) => {
      assert.strictEqual(Failure.codeOf(failure), 2)
      return failure
    },
    onRight: () => assert.fail("was read")
  })

describe("a script of blocks", () => {
  it("is read line by line, blank ones skipped, what is left out by its default", () => {
    const text = `\n${at(june, { instruction_block: supply })}\r\n\n${at(june)}\n${at(july, { trigger_source: "manual", instruction_block: null })}`
    const script = Either.getOrThrow(ScheduledScript.decode("script x", text))
    assert.deepStrictEqual(
      script.map(({ block, timestamp, triggerSource }) => [Timestamp.format(timestamp), triggerSource, block !== undefined]),
      [[june, "execution_manager", true], [june, "execution_manager", false], [july, "manual", false]]
    )
  })

  it("is refused at the first line that does not hold, with its number and path", () => {
    const cases: ReadonlyArray<readonly [line: string, says: string, path?: string]> = [
      ["{", "script x line 2 is not JSON"],
      ["7", "script x line 2: the input: expected an object"],
      [at("June"), "script x line 2: timestamp: expected an RFC 3339 timestamp", "timestamp"],
      ["{\"instruction_block\": null}", "script x line 2: timestamp", "timestamp"],
      [at("2024-05-31T23:59:59Z"), "no instant before that of the line above, 2024-06-01T00:00:00Z, got \"2024-05-31T23:59:59Z\"", "timestamp"],
      [at(july, { trigger_source: "whim" }), "trigger_source: expected \"execution_manager\"", "trigger_source"],
      [at(july, { block: supply }), "the field block", "block"],
      [at(july, { instruction_block: 7 }), "script x line 2: instruction_block", "instruction_block"],
      [at(july, { instruction_block: { ...supply, amount: "-1" } }), "instruction_block.amount", "instruction_block.amount"],
      [
        at(july, { instruction_block: { instructions: [supply, { ...supply, token: 5 }] } }),
        "instruction_block.instructions[1].token",
        "instruction_block.instructions[1].token"
      ]
    ]
    for (const [line, says, path] of cases) {
      const failure = refused(`${at(june)}\n${line}\n{"never": "read"}`)
      assert.include(failure.reason, says)
      if (path !== undefined) assert.strictEqual(failure.path, path)
    }
  })

  it("says EIM-001 for a block that is not understood, and expectation and value", () => {
    const json = Misunderstanding.toJson(refused(at(june, { instruction_block: { ...supply, action: "pray" } })))
    assert.strictEqual(json["code"], "EIM-001")
    assert.strictEqual(json["path"], "instruction_block.action")
    assert.strictEqual(json["actual"], "\"pray\"")
    assert.include(String(json["expected"]), "supply")
    assert.include(String(json["message"]), "script x line 1")
  })

  it("is refused without a single line", () => {
    assert.include(refused("\n \n").reason, "no line")
  })

  it("is read or refused, whatever it is", () => {
    const line = FastCheck.oneof(FastCheck.string(), FastCheck.json(), FastCheck.jsonValue().map((json) => at(june, { instruction_block: json })))
    FastCheck.assert(FastCheck.property(FastCheck.array(line), (all) => {
      const script = ScheduledScript.decode("x", all.join("\n"))
      if (Either.isLeft(script)) assert.strictEqual(Failure.codeOf(script.left), 2)
    }))
  })
})
