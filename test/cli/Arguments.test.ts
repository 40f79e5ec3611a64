import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import * as Arguments from "../../src/cli/Arguments.js"
import * as Failure from "../../src/cli/Failure.js"
import * as Help from "../../src/cli/Help.js"
import * as SchemaCommand from "../../src/cli/SchemaCommand.js"
import * as Style from "../../src/cli/Style.js"
import * as Usage from "../../src/cli/Usage.js"
import * as InstructionBlock from "../../src/domain/InstructionBlock.js"
import * as SimulatedVenues from "../../src/modes/SimulatedVenues.js"

const words = (...typed: ReadonlyArray<string>): ReadonlyArray<string> => {
  const request = Either.getOrThrow(Arguments.parse(typed))
  return request._tag === "Command" ? request.words : [request._tag]
}

const refusal = (...typed: ReadonlyArray<string>): string =>
  Either.match(Arguments.parse(typed), {
    onLeft: (failure) => {
      assert.strictEqual(Failure.codeOf(failure), 2)
      return failure.reason
    },
    onRight: (request) => assert.fail(`was read as ${JSON.stringify(request)}`)
  })

/** Options of `route` in any order with the block among them. */
const typedRoutes = FastCheck.record({
  value: FastCheck.stringMatching(/^[a-zA-Z0-9./ =-]{0,10}[a-z]$/).filter((text) => !text.startsWith("-")),
  order: FastCheck.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
  joined: FastCheck.boolean()
}).map(({ joined, order, value }) => {
  const option = (name: string) => (joined ? [`--${name}=${value}`] : [`--${name}`, value])
  const parts = [option("at"), option("data"), ["--json"], ["--no-wait"], ["-"]]
  return { value, typed: order.flatMap((i) => parts[i]!) }
})

describe("arguments", () => {
  it("mean the same in any order", () => {
    FastCheck.assert(FastCheck.property(typedRoutes, ({ typed, value }) => {
      const read = words("route", ...typed)
      const options = read.slice(1, read.indexOf("--"))
      assert.deepStrictEqual(read.slice(read.indexOf("--")), ["--", "-"])
      assert.strictEqual(options[options.indexOf("--at") + 1], value)
      assert.strictEqual(options[options.indexOf("--data") + 1], value)
      assert.deepStrictEqual([...options].sort(), ["--at", "--data", "--json", "--no-wait", value, value].sort())
    }))
  })

  it("are read or refused with code 2, whatever they are", () => {
    const word = FastCheck.oneof(
      FastCheck.string(),
      FastCheck.constantFrom("route", "backtest", "errors", "help", "--", "-", "--json", "--at", "--help", "-v", "--at=", "x.jsonl", "__proto__", "constructor")
    )
    FastCheck.assert(FastCheck.property(FastCheck.array(word, { maxLength: 6 }), (typed) => {
      const request = Arguments.parse(typed)
      if (Either.isLeft(request)) assert.strictEqual(Failure.codeOf(request.left), 2)
    }), { numRuns: 1000 })
  })

  it("after -- are not options", () => {
    assert.deepStrictEqual(words("route", "--at", "T", "--", "--json"), ["route", "--at", "T", "--", "--json"])
    assert.isFalse(Arguments.wantsJson(["route", "--", "--json"]))
  })

  it("ask for help wherever they do", () => {
    for (const typed of [["--help"], ["-h"], ["help"]]) assert.deepStrictEqual(Arguments.parse(typed), Either.right({ _tag: "Help", command: undefined }))
    for (const typed of [["route", "--help"], ["route", "x", "--at", "T", "-h"], ["help", "route"]]) {
      assert.deepStrictEqual(Arguments.parse(typed), Either.right({ _tag: "Help", command: "route" }))
    }
    for (const typed of [["data", "--help"], ["data", "-h"], ["help", "data"]]) {
      assert.deepStrictEqual(Arguments.parse(typed), Either.right({ _tag: "GroupHelp", first: "data" }))
    }
    assert.deepStrictEqual(Arguments.parse(["--version"]), Either.right({ _tag: "Version" }))
  })

  it("that are not understood are named, with what may be meant", () => {
    assert.include(refusal(), "a command is needed: backtest, route, data import")
    assert.include(refusal("rout"), "did you mean route?")
    assert.include(refusal("back"), "did you mean backtest?")
    assert.include(refusal("zzzzzz"), "there are backtest, route, data import")
    assert.include(refusal("--json"), "a command comes first")
    assert.include(refusal("help", "rutes"), "did you mean route?")
    assert.include(refusal("route", "x", "--att", "T"), "did you mean --at?")
    assert.include(refusal("route", "x", "-a", "T"), "no option -a")
    assert.include(refusal("route", "x", "--at"), "--at needs a value: --at T")
    assert.include(refusal("route", "x", "--at="), "--at needs a value")
    assert.include(refusal("route", "x", "--at", "--json"), "--at needs a value")
    assert.include(refusal("route", "x", "--at", "T", "--at", "U"), "--at is given twice")
    assert.include(refusal("route", "x", "--at", "T", "--json=yes"), "takes no value")
    assert.include(refusal("route", "x", "y", "--at", "T"), "what is \"y\"?")
    assert.include(refusal("route", "--at", "T"), "route needs BLOCK")
    assert.include(refusal("route", "x"), "route needs --at T")
    assert.include(refusal("errors", "x"), "takes no argument")
    assert.strictEqual(refusal("schema", "block", "--json"), "schema has no option --json: there are none")
  })

  it("that are missing are told in one sentence, which speaks of nothing that is not there", () => {
    for (const { argument, name } of Object.values(Usage.commands)) {
      if (argument !== undefined) assert.notMatch(refusal(...name.split(" ")), /below|\. /)
    }
  })
})

describe("help", () => {
  it("of a command names each of its options and fits the width", () => {
    for (const command of Object.values(Usage.commands)) {
      for (const columns of [60, 80, 200]) {
        const style = Style.make({ color: false, columns })
        const text = Help.ofCommand(style, command)
        for (const { name, text: about } of command.flags) {
          assert.include(text, `--${name}`)
          assert.include(text.replace(/\s+/g, " "), about.split(" ").slice(0, 4).join(" "))
        }
        const prose = text.slice(0, text.indexOf("EXAMPLES"))
        for (const line of prose.split("\n")) assert.isAtMost(Style.columnsOf(line), style.width, line)
      }
    }
  })

  it("has examples that can be typed", () => {
    for (const { examples } of Object.values(Usage.commands)) {
      for (const { command } of examples) {
        const typed = [...command.matchAll(/\beim ([^|>)\n]*)/g)].map(([, words]) => words!.trim().split(" "))
        assert.isNotEmpty(typed, command)
        for (const words of typed) assert.isTrue(Either.isRight(Arguments.parse(words)), command)
      }
    }
  })

  it("shows instructions, blocks and scripts that are read as they stand", () => {
    let count = 0
    for (const { notes } of [Usage.commands.route, Usage.commands.backtest]) {
      for (const { lines } of notes) {
        const text = lines.join("\n")
        for (const json of text.startsWith("{") ? text.split(/\n(?=\{"instruction_type)/) : []) {
          const value: { readonly instruction_block?: unknown } = JSON.parse(json.replace(/\}\n[A-Z][^]*$/, "}"))
          assert.isTrue(Either.isRight(InstructionBlock.fromJson(value.instruction_block ?? value)), json)
          count++
        }
      }
    }
    assert.strictEqual(count, 5)
  })

  it("names the venues that there are, by what they do", () => {
    const { lines } = Usage.commands.route.notes.find(({ title }) => title === "VENUES")!
    const named = lines.flatMap((line) => [...SimulatedVenues.accounts.keys()].filter((venue) => line.includes(venue)))
    assert.sameMembers(named, [...SimulatedVenues.accounts.keys()])
  })

  it("says what every schema is of", () => {
    const { argument, notes } = Usage.commands.schema
    assert.sameMembers([...argument!.values!], Object.keys(SchemaCommand.schemas))
    for (const what of argument!.values!) assert.match(notes[0]!.lines.join("\n"), new RegExp(`\\b${what}\\b`))
  })

  it("of commands that share a word names each, with an example, and the way on", () => {
    assert.sameMembers(Object.keys(Usage.groups), [...new Set(Object.keys(Usage.commands).flatMap((name) => name.match(/^\w+(?= )/) ?? []))])
    for (const first of Object.keys(Usage.groups)) {
      const text = Help.ofGroup(Style.plain, first)
      for (const { examples, name, summary } of Object.values(Usage.commands).filter(({ name }) => name.startsWith(`${first} `))) {
        for (const part of [name, summary, examples[0]!.text]) assert.include(text, part)
      }
      assert.match(text, new RegExp(`eim ${first} \\w+ --help\\n$`))
    }
  })

  it("of the whole tells the exit codes that there are", () => {
    const text = Help.ofAll(Style.plain, "1.2.3")
    for (const code of Object.values(Failure.exit)) assert.match(text, new RegExp(`^  ${code} `, "m"))
  })

  it("of the whole names every command", () => {
    const text = Help.ofAll(Style.plain, "1.2.3")
    assert.include(text, "eim 1.2.3")
    for (const { name, summary } of Object.values(Usage.commands)) {
      assert.include(text, name)
      assert.include(text, summary)
    }
  })
})
