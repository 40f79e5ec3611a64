import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Layer } from "effect"
import * as Files from "execution-interface-manager/data/DataProvider/Files"
import * as DataProvider from "execution-interface-manager/data/DataProvider"
import * as Embedded from "execution-interface-manager/data/Embedded"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import type * as ExecutionReport from "execution-interface-manager/domain/ExecutionReport"
import * as Leverage from "execution-interface-manager/domain/Leverage"
import * as MarketSnapshot from "execution-interface-manager/domain/MarketSnapshot"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import * as EventLogger from "execution-interface-manager/events/EventLogger"
import * as EventsMemory from "execution-interface-manager/events/EventLogger/Memory"
import * as Config from "execution-interface-manager/manager/Config"
import * as Backtest from "execution-interface-manager/modes/Backtest"
import * as Script from "execution-interface-manager/modes/Backtest/Script"
import * as fs from "node:fs"
import { fileURLToPath } from "node:url"
import { type Options, leveragedStaking, stateOf } from "../../docs/examples/leveraged-staking.js"
import standard from "../../docs/examples/leveraged-staking.js"

const at = Timestamp.unsafe

const settings: unknown = JSON.parse(fs.readFileSync(new URL("../../docs/examples/leveraged-staking.json", import.meta.url), "utf8"))

const limits: Options["limits"] = { minHealthFactor: Decimal.unsafe("1.04"), maxLtv: Decimal.unsafe("0.905") }

const embedded = Embedded.layer().pipe(Layer.provide(NodeContext.layer))

const stress = Files.layer({ path: fileURLToPath(new URL("stress/", Embedded.url)) }).pipe(Layer.provide(NodeContext.layer))

const values = (time: Timestamp.Timestamp, ...series: ReadonlyArray<string>) =>
  Effect.flatMap(DataProvider.DataProvider, (data) =>
    Effect.map(data.getData(time), (snapshot) => series.map((name) => Either.getOrThrow(MarketSnapshot.value(snapshot, name)))))

type Report = ExecutionReport.ExecutionReport

/** A run of a script with its reports, the accruals of its log, and the position after each instant of it. */
const run = Effect.fnUntraced(function*<E>(script: Script.Script<E>, from: Timestamp.Timestamp, to: Timestamp.Timestamp) {
  const recording = yield* EventsMemory.Recording
  const events = yield* Effect.context<EventsMemory.Recording | EventLogger.EventLogger>()
  const reports: Array<Report> = []
  const states: Array<{ readonly time: Timestamp.Timestamp; readonly state: Leverage.State; readonly market: Leverage.State }> = []
  const watched = Script.make<E | DataProvider.DataError>({
    ...script,
    decide: (time, positions) =>
      Effect.gen(function*() {
        const [protocol, market] = yield* values(time, "oracle.weETH/ETH", "dex.weETH/ETH")
        if (positions.balance("aave", "debtWETH") > 0n) {
          states.push({ time, state: stateOf(positions, protocol!), market: stateOf(positions, market!) })
        }
        const decided = script.decide(time, positions)
        return Effect.isEffect(decided) ? yield* decided : decided
      })
  })
  const result = yield* Backtest.run(watched, {
    id: "leveraged",
    from,
    to,
    config: yield* Config.decode(settings),
    events: Layer.succeedContext(events),
    onReport: (report) => Effect.sync(() => void reports.push(report))
  })
  assert.isUndefined(result.error)
  const accruals = (yield* recording.events).filter(({ eventType }) => eventType === "accrual").map(({ data }) => data)
  return { result, reports, states, accruals }
}, Effect.provide(EventsMemory.layer()))

const operation = (reports: ReadonlyArray<Report>, id: string) =>
  reports.flatMap(({ operations }) => operations).find(({ operationId }) => operationId === id) ?? assert.fail(`${id} is not there`)

const delta = (reports: ReadonlyArray<Report>, id: string, venue: string, asset: string): Amount.Amount =>
  operation(reports, id).deltas[venue]?.[asset] ?? 0n

const costs = (reports: ReadonlyArray<Report>, kind: string): Amount.Amount =>
  reports.flatMap(({ operations }) => operations).flatMap(({ costs }) => costs)
    .filter((cost) => cost.kind === kind).reduce((sum, { amount }) => sum + amount, 0n)

/** What an asset at Aave grew by. */
const grown = (accruals: ReadonlyArray<{ readonly [key: string]: unknown }>, asset: string): Amount.Amount =>
  accruals.reduce((sum, accrual) => {
    const deltas = accrual["deltas"] as { readonly [venue: string]: { readonly [asset: string]: string } }
    return sum + Amount.unsafe(deltas["aave"]?.[asset] ?? "0")
  }, 0n)

const lowest = (states: ReadonlyArray<Leverage.State>): string =>
  Decimal.format(states.map((state) => Leverage.healthFactor(state)!).reduce(Decimal.min))

const eth = Amount.toDecimal

const sum = (...parts: ReadonlyArray<Decimal.Decimal>): Decimal.Decimal => parts.reduce(Decimal.add, Decimal.zero)

const minus = Decimal.negate

/** Rounded to the wei, for people. */
const shown = (decimal: Decimal.Decimal): string => Decimal.formatScaled(Decimal.toScale(decimal, 18, "half_up"), 18)

describe("leveraged staking for a year", () => {
  it.effect("ends with what it began with, and its gain, interest, gas and sale to the last digit", () =>
    Effect.gen(function*() {
      const [begin, end] = [at("2024-06-01T00:00:00Z"), at("2025-06-01T00:00:00Z")]
      const { accruals, reports, result, states } = yield* run(standard, begin, end)
      assert.deepStrictEqual(reports.map(({ blockId }) => blockId), ["entry", "exit"])
      const [rate] = yield* values(end, "oracle.weETH/ETH")
      const valued = (weETH: Amount.Amount) => Decimal.multiply(eth(weETH), rate!)

      // In: 100 ether staked, of which 90 are owed. The contracts round the claim down and the debt up.
      const staked = delta(reports, "entry.stake", "wallet", "weETH")
      const claim = delta(reports, "entry.collateral", "aave", "aweETH")
      const owed = delta(reports, "entry.borrow", "aave", "debtWETH")
      assert.deepStrictEqual([staked, claim, owed].map(Amount.format), [
        "96.183153517736626999", "96.183153517736626998", "90.000000000000000001"
      ])

      // Held.
      const earned = grown(accruals, "aweETH")
      const interest = grown(accruals, "debtWETH")
      assert.strictEqual(Amount.format(earned), "0.08049736599252495")
      assert.strictEqual(Amount.format(interest), "2.467372954089023601")

      // Out: all that is owed is paid, and all that is freed is sold.
      const repaid = -delta(reports, "exit.repay", "wallet", "WETH")
      assert.strictEqual(repaid, owed + interest)
      const sold = delta(reports, "exit.collateral", "wallet", "weETH")
      assert.strictEqual(sold, claim + earned)
      const { fills, slippage } = operation(reports, "exit.sell")
      const proceeds = delta(reports, "exit.sell", "wallet", "WETH")
      const fee = costs(reports, "fee")
      const discount = Decimal.multiply(eth(sold), Decimal.subtract(rate!, slippage!.arrivalPrice))
      const atMarket = Decimal.multiply(eth(sold), slippage!.arrivalPrice)
      const impact = Decimal.subtract(atMarket, eth(proceeds + fee))
      assert.strictEqual(shown(slippage!.arrivalPrice), "1.06850624193779", "the market rate of the data")
      assert.strictEqual(Decimal.toScale(impact, 18, "up"), slippage!.amount)
      assert.strictEqual(fills[0]!.amount, sold)
      assert.deepStrictEqual([proceeds, fee, slippage!.amount].map(Amount.format), [
        "102.843657511263315861", "0.010337659632035867", "0.004316670089501645"
      ])

      const gas = costs(reports, "gas")
      assert.strictEqual(Amount.format(gas), "0.008896", "1,250,000 at 6.6 gwei and 850,000 at 0.76")

      const gain = Decimal.subtract(valued(staked), eth(Amount.unsafe("100")))
      const parts = {
        start: Decimal.unsafe("10.1"),
        staking: gain,
        supplied: valued(earned),
        interest: minus(eth(interest)),
        gas: minus(eth(gas)),
        discount: minus(discount),
        impact: minus(impact),
        fee: minus(eth(fee)),
        rounding: Decimal.subtract(valued(claim - staked), eth(owed - Amount.unsafe("90")))
      }
      assert.deepStrictEqual(Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, shown(part)])), {
        start: "10.1",
        staking: "2.801028591197942062",
        supplied: "0.086035981564980547",
        interest: "-2.467372954089023601",
        gas: "-0.008896",
        discount: "-0.028752731778069236",
        impact: "-0.004316670089501644",
        fee: "-0.010337659632035867",
        rounding: "-0.000000000000000002"
      })
      const held = result.balances["wallet"]!
      assert.deepStrictEqual(Object.keys(result.balances), ["wallet"])
      assert.deepStrictEqual(Object.keys(held).sort(), ["ETH", "WETH"])
      assert.strictEqual(Decimal.compare(sum(...Object.values(parts)), eth(held["ETH"]! + held["WETH"]!)), 0)
      assert.strictEqual(Amount.format(held["ETH"]! + held["WETH"]!), "10.467388557174292259")
      assert.strictEqual(Decimal.format(result.initial!), "10.1")
      assert.strictEqual(Decimal.format(result.value.at(-1)!.value), "10.467388557174292258", "a value is rounded down")

      // Never in danger: the health factor of 1.0555 at the beginning was the lowest.
      assert.strictEqual(states.length, 1095)
      assert.strictEqual(lowest(states.map(({ state }) => state)), "1.055570809187586322")
    }).pipe(Effect.provide(embedded)), 60_000)

  it.effect("pays a tenth of the debt back where the loan to value exceeds its limit", () =>
    Effect.gen(function*() {
      const [begin, end] = [at("2024-10-01T00:00:00Z"), at("2024-12-01T00:00:00Z")]
      const maxLtv = Decimal.unsafe("0.9001")
      const { reports, result, states } = yield* run(leveragedStaking({ begin, end, limits: { maxLtv } }), begin, end)
      const blocks = reports.map(({ blockId }) => blockId!)
      assert.deepStrictEqual(blocks, ["entry", "reduce-2024-10-13T00:00:00Z", "exit"])
      const exceeds = ({ state }: typeof states[number]) => Leverage.violations(state, { maxLtv }).length > 0
      assert.strictEqual(states.filter(exceeds).length, 1)
      const before = states.findIndex(exceeds)
      const id = blocks[1]!
      assert.strictEqual(id, `reduce-${Timestamp.format(states[before]!.time)}`)
      const { debt } = states[before]!.state
      const paid = -delta(reports, `${id}.repay`, "aave", "debtWETH")
      assert.isTrue(Amount.abs(paid * 10n - debt) < 20n)
      const after = states[before + 1]!.state
      assert.strictEqual(Decimal.format(Leverage.ltv(after)!).slice(0, 6), "0.8910")
      const left = delta(reports, `${id}.collateral`, "wallet", "weETH") + delta(reports, `${id}.sell`, "wallet", "weETH")
      assert.isAbove(Number(left), 0)
      const freed = delta(reports, "exit.collateral", "wallet", "weETH")
      assert.strictEqual(-delta(reports, "exit.sell", "wallet", "weETH"), freed + left)
      assert.deepStrictEqual(Object.keys(result.balances), ["wallet"])
      assert.deepStrictEqual(Object.keys(result.balances["wallet"]!).sort(), ["ETH", "WETH"])
    }).pipe(Effect.provide(embedded)), 60_000)
})

describe("leveraged staking entered on 2024-08-05", () => {
  it.effect("is not liquidated while ether loses a sixth: the lender values weETH in ether at the protocol's rate", () =>
    Effect.gen(function*() {
      const [begin, end] = [at("2024-08-05T00:00:00Z"), at("2024-08-15T00:00:00Z")]
      const { accruals, reports, result, states } = yield* run(leveragedStaking({ begin, end, limits }), begin, end)
      const [before] = yield* values(begin, "price.ETH")
      const [worst] = yield* values(at("2024-08-05T13:00:00Z"), "price.ETH")
      assert.deepStrictEqual([before, worst].map((price) => Decimal.format(price!)), ["2688.92", "2228.28"])
      assert.deepStrictEqual(reports.map(({ blockId }) => blockId), ["entry", "exit"])
      assert.deepStrictEqual([...new Set(accruals.map(({ kind }) => kind))], ["interest"])
      assert.strictEqual(states.length, 240)
      assert.strictEqual(lowest(states.map(({ state }) => state)), "1.05550530728174918")
      // The market paid up to 0.5 % less than the protocol: even at its rate the position would have stood.
      assert.strictEqual(lowest(states.map(({ market }) => market)), "1.050048561417142854")
      const { ETH, WETH } = result.balances["wallet"]!
      assert.strictEqual(Amount.format(ETH! + WETH!), "10.072819784721979444")
    }).pipe(Effect.provide(stress)), 60_000)
})
