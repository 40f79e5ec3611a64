import { it } from "@effect/vitest"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe } from "vitest"
import * as BacktestSummary from "../../src/cli/BacktestSummary.js"
import * as Chart from "../../src/cli/Chart.js"
import * as ErrorBox from "../../src/cli/ErrorBox.js"
import * as ErrorsCommand from "../../src/cli/ErrorsCommand.js"
import * as LineFile from "../../src/cli/LineFile.js"
import * as Pretty from "../../src/cli/Pretty.js"
import * as Progress from "../../src/cli/Progress.js"
import * as RouteSummary from "../../src/cli/RouteSummary.js"
import * as Screen from "../../src/cli/Screen.js"
import * as Style from "../../src/cli/Style.js"
import * as Table from "../../src/cli/Table.js"
import * as Amount from "../../src/domain/Amount.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as EimError from "../../src/domain/EimError.js"
import * as ErrorCode from "../../src/domain/ErrorCode.js"
import * as InstructionBlock from "../../src/domain/InstructionBlock.js"
import type { Json } from "../../src/domain/Json.js"
import * as Timestamp from "../../src/domain/Timestamp.js"
import type * as Result from "../../src/modes/Backtest/Result.js"
import { directory } from "./eim.js"

const coloured = Style.make({ color: true })

const decimals = FastCheck.tuple(FastCheck.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), FastCheck.integer({ min: 0, max: 24 }))
  .map(([value, scale]) => Decimal.make(value, scale))

const ungrouped = (text: string): string => text.replaceAll(",", "")

const abs = Decimal.abs

describe("numbers", () => {
  it("written exactly are read back as they were", () => {
    FastCheck.assert(FastCheck.property(decimals, (decimal) => {
      const text = Pretty.exactDecimal(decimal)
      assert.match(text, /^-?\d{1,3}(,\d{3})*(\.\d+)?$/)
      assert.strictEqual(Decimal.compare(Decimal.unsafe(ungrouped(text)), decimal), 0)
    }))
  })

  it("written to a number of decimals have all of them, and are at most half a unit off", () => {
    FastCheck.assert(FastCheck.property(decimals, FastCheck.integer({ min: 0, max: 8 }), (decimal, places) => {
      const text = Pretty.fixed(decimal, places)
      assert.strictEqual(text.split(".")[1]?.length ?? 0, places)
      const off = abs(Decimal.subtract(Decimal.make(BigInt(ungrouped(text).replace(".", "")), places), decimal))
      assert.isAtMost(Decimal.compare(off, Decimal.make(5n, places + 1)), 0)
    }))
    assert.deepStrictEqual(
      ["10510.256", "-0.004", "-0.005", "999.995", "0"].map((text) => Pretty.fixed(Decimal.unsafe(text), 2)),
      ["10,510.26", "0.00", "-0.01", "1,000.00", "0.00"]
    )
  })

  it("written short never hide that they are not zero", () => {
    FastCheck.assert(FastCheck.property(decimals, (decimal) => {
      assert.strictEqual(Pretty.short(decimal) === "0", decimal.value === 0n)
    }))
    assert.deepStrictEqual(
      ["0.123456789", "0.0000000014", "1234567.1", "-3"].map((text) => Pretty.short(Decimal.unsafe(text))),
      ["0.12345679", "0.000000001", "1,234,567.1", "-3"]
    )
  })

  it("have a plus only above zero", () => {
    assert.deepStrictEqual(["1", "-1", "0", "0.00"].map(Pretty.signed), ["+1", "-1", "0", "0.00"])
  })

  it("set to the right have their points in one column", () => {
    FastCheck.assert(FastCheck.property(FastCheck.array(decimals, { minLength: 1 }), (all) => {
      const texts = Pretty.alignPoints(all.map(Pretty.exactDecimal))
      const widest = Math.max(...texts.map((text) => text.length))
      const points = texts.map((text) => {
        const set = text.padStart(widest)
        const point = set.indexOf(".")
        return point < 0 ? set.trimEnd().length : point
      })
      assert.strictEqual(new Set(points).size, 1)
    }))
  })
})

describe("JSON", () => {
  it("says the same with and without an indent", () => {
    FastCheck.assert(FastCheck.property(FastCheck.jsonValue(), (value) => {
      assert.deepStrictEqual(JSON.parse(Pretty.json(value as Json)), JSON.parse(JSON.stringify(value)))
    }))
    assert.strictEqual(
      Pretty.json({ a: [["t", "1"], ["u", "2"]], b: {}, c: [] }),
      "{\n  \"a\": [\n    [\"t\", \"1\"],\n    [\"u\", \"2\"]\n  ],\n  \"b\": {},\n  \"c\": []\n}"
    )
  })
})

describe("text", () => {
  it("that is wrapped fits, and loses nothing but spaces", () => {
    FastCheck.assert(FastCheck.property(FastCheck.lorem({ maxCount: 40 }), FastCheck.integer({ min: 3, max: 80 }), (text, width) => {
      const lines = Style.wrap(text, width)
      for (const line of lines) assert.isAtMost(Style.columnsOf(line), width)
      assert.strictEqual(lines.join("").replaceAll(" ", ""), text.replaceAll(" ", ""))
    }))
  })

  it("takes the columns that are seen", () => {
    assert.strictEqual(Style.columnsOf(coloured.red("→ né")), 4)
    assert.strictEqual(Style.padEnd(coloured.bold("ab"), 4), `${coloured.bold("ab")}  `)
    assert.strictEqual(Style.paint(coloured.red, "1  "), `${coloured.red("1")}  `)
  })

  it("is as wide as the screen, within reason", () => {
    assert.deepStrictEqual([20, 80, 300, undefined].map((columns) => Style.make({ color: false, columns }).width), [60, 80, 110, 100])
  })
})

describe("colours", () => {
  it("are for terminals, unless someone says otherwise", () => {
    const terminal = { isTTY: true }
    assert.isTrue(Screen.hasColor(terminal, {}))
    assert.isFalse(Screen.hasColor({}, {}))
    assert.isFalse(Screen.hasColor(terminal, { NO_COLOR: "1" }))
    assert.isTrue(Screen.hasColor(terminal, { NO_COLOR: "" }))
    assert.isFalse(Screen.hasColor(terminal, { TERM: "dumb" }))
    assert.isTrue(Screen.hasColor({}, { FORCE_COLOR: "1" }))
    assert.isFalse(Screen.hasColor(terminal, { FORCE_COLOR: "0" }))
    assert.isFalse(Screen.hasColor({}, { FORCE_COLOR: "1", NO_COLOR: "1" }))
  })

  it("change nothing but the colour", () => {
    const info = EimError.info(new EimError.LimitExceeded({ reason: "too much", venue: "aave" }))
    for (const draw of [
      (style: Style.Style) => ErrorBox.ofInfo(style, info),
      (style: Style.Style) => ErrorsCommand.lines(style, ErrorCode.all),
      (style: Style.Style) => [Progress.line(style, { done: 1, total: 3, at: 0 })],
      (style: Style.Style) => Table.lines(style, [{ head: "a" }, { head: "b", align: "right" }], [["x", style.red("1.5")], ["y", style.green("10  ")]])
    ]) {
      const painted = draw(coloured).map(Style.strip).map((line) => line.trimEnd())
      assert.deepStrictEqual(painted, draw(Style.plain).map((line) => line.trimEnd()))
    }
  })
})

describe("a table", () => {
  it("breaks its long column between words and keeps to the width", () => {
    const style = Style.make({ color: false, columns: 60 })
    const text = "one two three four five six seven eight nine ten eleven twelve thirteen"
    const lines = Table.lines(style, [{ head: "name" }, { head: "text", wrap: true }], [["first", text]])
    for (const line of lines) assert.isAtMost(line.length, 60)
    assert.strictEqual(lines.slice(1).join(" ").replace(/\s+/g, " ").trim(), `first ${text}`)
  })
})

const points = FastCheck.array(FastCheck.tuple(FastCheck.integer({ min: 1, max: 10 ** 8 }), FastCheck.bigInt({ min: -(10n ** 12n), max: 10n ** 19n })), {
  minLength: 2,
  maxLength: 60
}).map((steps) => {
  let at = Timestamp.unsafe("2024-06-01T00:00:00Z")
  return steps.map(([step, value]): Result.ValuePoint => {
    at += step
    return { at, value: Decimal.make(value, 6) }
  })
})

describe("the chart", () => {
  it("shows values that there were, in the order of time: the first, the last, the least and the greatest among them", () => {
    FastCheck.assert(FastCheck.property(points, FastCheck.integer({ min: 4, max: 90 }), (all, count) => {
      const sampled = Chart.sample(all, count)
      assert.strictEqual(sampled.length, count)
      assert.strictEqual(sampled[0], all[0]!.value)
      assert.strictEqual(sampled.at(-1), all.at(-1)!.value)
      const values = all.map(({ value }) => value)
      for (const extreme of [values.reduce(Decimal.min), values.reduce(Decimal.max)]) {
        assert.isTrue(sampled.some((value) => Decimal.compare(value, extreme) === 0))
      }
      let next = 0
      for (const value of sampled) {
        const found = all.findIndex((point, i) => i >= next && point.value === value)
        assert.isAtLeast(found, 0)
        next = found
      }
    }))
  })

  it("fits the width and names the least and the greatest value", () => {
    FastCheck.assert(FastCheck.property(points, FastCheck.constantFrom(60, 80, 110), (all, columns) => {
      const style = Style.make({ color: false, columns })
      const lines = Chart.lines(style, all, 2)
      const values = all.map(({ value }) => value)
      for (const line of lines) assert.isAtMost(Style.columnsOf(line), columns)
      assert.include(lines[0]!, Pretty.fixed(values.reduce(Decimal.max), 2))
      assert.include(lines.at(-2)!, Pretty.fixed(values.reduce(Decimal.min), 2))
    }))
  })

  it("is the same in every run", () => {
    const at = (day: number) => Timestamp.unsafe("2024-06-01T00:00:00Z") + day * Timestamp.day
    const style = Style.make({ color: false, columns: 60 })
    const rising = [0, 2, 4, 6, 8, 10].map((day) => ({ at: at(day), value: Decimal.make(BigInt(1000 + day), 0) }))
    assert.deepStrictEqual(Chart.lines(style, rising, 2), [
      "  1,010.00 ┤                                             ╭",
      "  1,008.75 ┤                                             │",
      "  1,007.50 ┤                                    ╭────────╯",
      "  1,006.25 ┤                           ╭────────╯",
      "  1,005.00 ┤                           │",
      "  1,003.75 ┤                  ╭────────╯",
      "  1,002.50 ┤         ╭────────╯",
      "  1,001.25 ┤         │",
      "  1,000.00 ┤─────────╯",
      "            2024-06-01         2024-06-06         2024-06-11"
    ])
    assert.deepStrictEqual(Chart.lines(style, rising.slice(0, 1), 2), [])
    const flat = [0, 1].map((day) => ({ at: at(day), value: Decimal.one }))
    assert.include(Chart.lines(style, flat, 2)[0]!, "1.00 ┤────")
  })
})

describe("an error", () => {
  it("stands in a box whose sides are straight", () => {
    FastCheck.assert(FastCheck.property(
      FastCheck.constantFrom(...ErrorCode.all),
      FastCheck.record({ reason: FastCheck.lorem({ maxCount: 30 }), path: FastCheck.option(FastCheck.string({ maxLength: 200 }).map((text) => text.replace(/\p{C}/gu, "")), { nil: undefined }) }),
      FastCheck.constantFrom(60, 110),
      ({ code, message, resolution }, details, columns) => {
        const style = Style.make({ color: false, columns })
        const lines = ErrorBox.ofInfo(style, EimError.info(EimError.of(code, details)))
        assert.strictEqual(new Set(lines.map(Style.columnsOf)).size, 1)
        assert.isAtMost(Style.columnsOf(lines[0]!), columns)
        assert.include(lines[0]!, `${code} ${message}`)
        assert.include(lines.join(" ").replace(/[│\s]+/g, " "), resolution)
      }
    ))
  })

  it("is listed with what to do about it", () => {
    const text = ErrorsCommand.lines(Style.plain, ErrorCode.all).join(" ").replace(/\s+/g, " ")
    for (const { code, description, message, resolution, severity } of ErrorCode.all) {
      assert.include(text, `${code} ${message} ${severity} ${description} → ${resolution}`)
    }
    assert.deepStrictEqual(ErrorsCommand.json(ErrorCode.all), ErrorCode.all.map(({ tag: _, ...rest }) => rest))
  })
})

describe("an instruction in a few words", () => {
  it("says what it does", () => {
    const told = (json: Json) => {
      const block = InstructionBlock.fromJson(json)
      return block._tag === "Right" ? RouteSummary.describe(block.right.instructions[0]!) : assert.fail(block.left.message)
    }
    assert.strictEqual(
      told({ instruction_type: "wallet_transfer", from_venue: "binance_perp", to_venue: "wallet", token: "USDT", amount: "1000.5" }),
      "transfer 1,000.5 USDT, binance_perp to wallet"
    )
    assert.strictEqual(told({ instruction_type: "smart_contract_action", protocol: "aave", action: "withdraw", token: "USDT", amount: "max" }), "withdraw max USDT")
    assert.strictEqual(
      told({ instruction_type: "smart_contract_action", protocol: "uniswap", action: "swap", token: "USDT", token_out: "ETH", amount: "1" }),
      "swap 1 USDT for ETH"
    )
    assert.strictEqual(
      told({ instruction_type: "smart_contract_action", protocol: "curve", action: "swap", swap_type: "exact_out", token: "weETH", token_out: "WETH", amount: "2" }),
      "swap weETH for 2 WETH"
    )
    assert.strictEqual(
      told({ instruction_type: "cex_trade", venue: "binance", trade_type: "perp", side: "SHORT", symbol: "ETHUSDT-PERP", amount: "2", order_type: "limit", price: "3300.5" }),
      "sell 2 ETHUSDT perp at 3,300.5"
    )
  })
})

describe("the summary of a run", () => {
  const at = Timestamp.unsafe("2024-06-01T00:00:00Z")
  const result: Result.Result = {
    backtestId: "0123456789abcdef",
    from: at,
    to: at + 60 * Timestamp.day,
    requested: { from: at - 7 * Timestamp.day, to: at + 60 * Timestamp.day },
    shareClass: "usdt_stable",
    routed: 3,
    failed: 1,
    replayed: 2,
    liquidations: [
      {
        id: "liquidation:binance:ETHUSDT-PERP:2024-06-03T16:00:00Z",
        kind: "liquidation",
        venue: "binance",
        account: "binance:perp",
        at: Timestamp.unsafe("2024-06-03T16:00:00Z"),
        entries: [],
        detail: {},
        liquidation: {
          symbol: "ETHUSDT-PERP",
          size: Amount.unsafe("10"),
          price: Decimal.unsafe("3512.5"),
          priceIn: "USDT",
          marginRatio: Decimal.unsafe("0.9161"),
          asset: "USDT",
          loss: Amount.unsafe("1450.25"),
          penalty: 0n,
          fee: Amount.unsafe("43.9")
        }
      },
      {
        id: "liquidation:aave:weETH:USDT:2024-06-04T00:00:00Z:1",
        kind: "liquidation",
        venue: "aave",
        account: "aave:position",
        at: Timestamp.unsafe("2024-06-04T00:00:00Z"),
        entries: [],
        detail: {},
        liquidation: {
          symbol: "weETH",
          size: Amount.unsafe("2"),
          price: Decimal.unsafe("3900"),
          priceIn: "USD",
          healthFactor: Decimal.unsafe("0.999999"),
          repaid: { asset: "USDT", amount: Amount.unsafe("7290") },
          asset: "weETH",
          loss: Amount.unsafe("0.13"),
          penalty: Amount.unsafe("0.117"),
          fee: Amount.unsafe("0.013")
        }
      }
    ],
    balances: { wallet: { USDT: Amount.unsafe("9000.25"), debtWETH: Amount.unsafe("3"), ETH: Amount.unsafe("1"), FOO: Amount.unsafe("12.5") } },
    inTransit: { USDT: Amount.unsafe("5") },
    positions: [{
      venue: "binance",
      symbol: "ETHUSDT-PERP",
      size: Amount.unsafe("-2"),
      entryPrice: Decimal.unsafe("3700"),
      mark: Decimal.unsafe("3600.5"),
      quote: "USDT"
    }],
    valueToken: "USDT",
    initial: Decimal.make(10_000n, 0),
    value: [0, 10, 29].map((day) => ({ at: at + day * Timestamp.day, value: Decimal.make(BigInt(10_000 - day), 0) })),
    unpriced: ["BAR", "FOO"],
    costs: [
      { kind: "fees", asset: "USDT", amount: Amount.unsafe("1.5") },
      { kind: "liquidation_fee", asset: "USDT", amount: Amount.unsafe("43.9") },
      { kind: "funding", asset: "USDT", amount: Amount.unsafe("-20.25") }
    ],
    assumptions: [
      { venue: "binance", subject: "perp fees", value: "taker 0.05 %", source: "schedule", touched: true },
      { venue: "binance", subject: "fills", value: Array.from({ length: 40 }, (_, n) => `word${n}`).join(" "), source: "model", touched: true },
      { venue: "binance", subject: "transfers of BTC on bitcoin", value: "never", source: "schedule", touched: false },
      { venue: "okx", subject: "perp fees", value: "taker 0.05 %", source: "schedule", touched: false }
    ],
    error: EimError.info(new EimError.PriceCheckFailed({ reason: "far off" })),
    stoppedAt: at + 30 * Timestamp.day,
    stoppedBy: undefined
  }
  const files = { report: "results/x/report.json" }
  const lines = BacktestSummary.lines(Style.plain, "script.ts", result, { files, assumptions: false })
  const text = lines.join("\n").replace(/ +/g, " ")

  it("has everything one looks for", () => {
    for (const expected of [
      "script.ts 0123456789abcdef",
      "2024-06-01T00:00Z to 2024-07-31T00:00Z, 60 days",
      "from 2024-05-25T00:00Z was asked for, and the data begin at 2024-06-01T00:00Z",
      "stopped at 2024-07-01T00:00Z, after 30 days: EIM-005 price check failed: far off",
      "3 instructions executed, 1 failed, 2 replayed, 2 liquidations stopped",
      "a replay changes nothing",
      "binance:perp ETHUSDT-PERP closed, 10 long at 3,512.5 USDT, margin ratio 0.9161: lost 1,450.25",
      "of it fee 43.9",
      "aave:position 2 weETH seized at 3,900 USD, health factor 0.9999, 7,290 USDT repaid: lost",
      "0.13 weETH, of it penalty 0.117 and fee 0.013",
      "initial 10,000.00",
      "final 9,971.00",
      "change -29.00 (-0.29 %)",
      "no series prices it: BAR, none at the end; 12.5 FOO",
      "the final value is of 2024-06-30T00:00Z",
      "wallet ETH 1 ",
      "liquidation fee USDT 43.9 paid",
      "9,000.25",
      "debtWETH 3 owed",
      "in transit USDT 5",
      "binance ETHUSDT-PERP -2 3,700 3,600.5 +199.00 USDT",
      "fees USDT 1.5 paid",
      "funding USDT 20.25 received",
      "binance perp fees: taker 0.05 %",
      "2 more are in force and did not matter here: --assumptions shows them. All with their sources in results/x/report.json.",
      "report results/x/report.json",
      "EIM-005 price check failed"
    ]) assert.include(text.replace(/\s+/g, " "), expected)
  })

  it("tells what went wrong before what was left", () => {
    const places = ["stopped at", "Liquidations", "╭─ EIM-005", "Value in USDT", "Balances", "Costs", "Files"].map((part) => text.indexOf(part))
    assert.deepStrictEqual(places, [...places].sort((a, b) => a - b))
    assert.notInclude(places, -1)
  })

  it("leaves out the assumptions that did not matter, unless they are asked for, and cuts none of the others", () => {
    assert.notInclude(text, "okx")
    assert.notInclude(text, "bitcoin")
    for (const columns of [80, 160]) {
      const style = Style.make({ color: false, columns })
      const whole = BacktestSummary.lines(style, "script.ts", result, { files, assumptions: true })
      for (const line of whole) assert.isAtMost(Style.columnsOf(line), style.width, line)
      const words = whole.join(" ").replace(/\s+/g, " ")
      for (const expected of ["okx perp fees: taker 0.05 % (schedule)", "transfers of BTC on bitcoin: never (schedule)", "word0", "word39"]) {
        assert.include(words, expected)
      }
      assert.notInclude(words, "…")
    }
  })

  it("fits the width", () => {
    for (const line of lines) assert.isAtMost(Style.columnsOf(line), Style.plain.width, line)
  })
})

describe("progress", () => {
  it("is written over on a terminal, and nowhere else", () => {
    let written = ""
    const screen = (live: boolean): Screen.Screen["Type"] => Screen.make({
      out: () => Effect.die("progress is no output"),
      err: (text) => Effect.sync(() => void (written += text)),
      input: Effect.succeed(new Uint8Array()),
      style: Style.plain,
      errStyle: Style.plain,
      live
    })
    const at = Timestamp.unsafe("2024-06-01T00:00:00Z")
    return Effect.runPromise(Effect.gen(function*() {
      const silent = Progress.make(screen(false))
      yield* silent.show({ done: 1, total: 2, at })
      yield* silent.clear
      assert.strictEqual(written, "")
      const live = Progress.make(screen(true))
      yield* live.show({ done: 1, total: 2, at })
      assert.include(written, "\r")
      assert.include(written, "50 %")
      assert.include(written, "1 of 2 instants")
      assert.notInclude(written, "\n")
      yield* live.clear
      assert.isTrue(written.endsWith("\r\u001b[2K"))
    }))
  })
})

describe("a file of lines", () => {
  it.effect("holds what was written when its scope is left, in order", () =>
    Effect.gen(function*() {
      const file = path.join(directory({}), "lines.jsonl")
      yield* Effect.scoped(Effect.gen(function*() {
        const lines = yield* LineFile.make(file)
        lines.write("1")
        lines.write("2")
        yield* lines.flush
        assert.strictEqual(fs.readFileSync(file, "utf8"), "1\n2\n")
        lines.write("3")
      }))
      assert.strictEqual(fs.readFileSync(file, "utf8"), "1\n2\n3\n")
      fs.rmSync(path.dirname(file), { recursive: true })
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.effect("cannot be where there is no directory", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(Effect.scoped(LineFile.make(path.join("no", "such", "directory", "x"))))
      assert.strictEqual(failure.kind, "io")
    }).pipe(Effect.provide(NodeFileSystem.layer)))
})
