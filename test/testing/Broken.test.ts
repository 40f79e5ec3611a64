import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Entry from "execution-interface-manager/domain/Entry"
import * as Outcome from "execution-interface-manager/domain/Outcome"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import * as Simulation from "execution-interface-manager/sim/Simulation"
import * as World from "execution-interface-manager/sim/World"
import * as Layers from "execution-interface-manager/testing/Layers"
import * as VenueLaws from "execution-interface-manager/testing/VenueLaws"
import * as Wrapped from "execution-interface-manager/testing/Wrapped"
import * as Venue from "execution-interface-manager/venue/Venue"
import * as VenueRegistry from "execution-interface-manager/venue/VenueRegistry"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Lido from "execution-interface-manager/venues/lido/Simulated"
import * as Uniswap from "execution-interface-manager/venues/uniswap/Simulated"
import * as Wallet from "execution-interface-manager/venues/wallet/Simulated"
import * as fixtures from "../manager/fixtures.js"
import { staking, uniswap } from "./protocols.js"
import { at, balances, data, later, subjects, trade } from "./subjects.js"

const binance = subjects[0]!

/** Puts lines into the world behind everybody's back. */
type Post = (entries: ReadonlyArray<Entry.Entry>) => Effect.Effect<void>

/** The simulated exchange with a fault built in. */
const broken = (wrap: (venue: Venue.Venue, post: Post) => Venue.Venue) => {
  const spoiled = (opening: Layers.Balances) =>
    Layers.world({
      at,
      data,
      balances: opening,
      venues: [
        Wallet.layer(),
        Layer.unwrapEffect(Effect.map(Simulation.Simulation, (simulation) => {
          const post: Post = (entries) =>
            Effect.orDie(Effect.asVoid(Effect.flatMap(simulation.world, (world) =>
              simulation.step(world.at, (then) =>
                Either.map(World.post(then, entries), (world) => ({ world, value: null }))))))
          return Wrapped.layer(Binance.layer(), (venue) => wrap(venue, post))
        }))
      ]
    })
  return { ...binance, layer: spoiled(balances), empty: spoiled({}) }
}

const gift = Entry.move("market:binance", "binance:spot", "USDT", Amount.unit, "trade")

const mapped = (
  venue: Venue.Venue,
  change: <I>(capability: Venue.Capability<I>) => Partial<Venue.Capability<I>>
): Venue.Venue => Wrapped.capabilities(venue, (_, capability) => ({ ...capability, ...change(capability) }))

const alteredReceipt = (venue: Venue.Venue, alter: (receipt: Outcome.Receipt) => Outcome.Receipt): Venue.Venue =>
  mapped(venue, ({ submit }) => ({
    submit: (call) =>
      Effect.map(submit(call), (success) =>
        success._tag === "Settled" ? new Outcome.Settled({ receipt: alter(success.receipt) }) : success)
  }))

/** A turn of the event loop, so that the runner is heard between laws. */
const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** The laws that a subject breaks. */
const brokenLaws = <E>(subject: VenueLaws.Subject<E>, among = Object.keys(VenueLaws.laws)) =>
  Effect.map(Effect.forEach(VenueLaws.checks(subject).filter(({ law }) => among.includes(law)), ({ run }) => Effect.zipLeft(run, turn)), (verdicts) => verdicts.flatMap((verdict) => (verdict._tag === "Broken" ? [verdict.law] : [])))

const found = <E>(subject: VenueLaws.Subject<E>, law: VenueLaws.Law) =>
  Effect.gen(function*() {
    const verdict = yield* VenueLaws.checks(subject).find((check) => check.law === law)!.run
    return verdict._tag === "Broken" ? verdict.breaches : assert.fail(`${law} is not broken: ${VenueLaws.format([verdict])}`)
  })

describe("the laws of venues find", () => {
  it.effect("nothing wrong with the venue that the broken ones are made of", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* brokenLaws(broken((venue) => venue)), [])
    }))

  it.effect("lines that do not balance", () =>
    Effect.gen(function*() {
      const subject = broken((venue) =>
        alteredReceipt(venue, (receipt) => ({ ...receipt, entries: receipt.entries.filter(({ account }) => !account.startsWith("market:")) })))
      const breaches = yield* found(subject, "conserves")
      assert.include(breaches.map((breach) => breach.expected), "lines of ETH that sum to 0")
    }))

  it.effect("an account that the venue does not have", () =>
    Effect.gen(function*() {
      const subject = broken((venue) =>
        alteredReceipt(venue, (receipt) => ({
          ...receipt,
          entries: receipt.entries.map((entry) => (entry.account === "binance:spot" ? { ...entry, account: "binance:unified" } : entry))
        })))
      const breaches = yield* found(subject, "conserves")
      assert.include(breaches.map((breach) => breach.actual), "binance:unified")
    }))

  it.effect("a receipt that does not tell what happened", () =>
    Effect.gen(function*() {
      const subject = broken((venue) => alteredReceipt(venue, (receipt) => ({ ...receipt, entries: [] })))
      const breaches = yield* found(subject, "tells")
      assert.include(breaches.map((breach) => breach.in), "sells ether")
    }))

  it.effect("a position that changed by more than was told", () =>
    Effect.gen(function*() {
      const subject = broken((venue) =>
        alteredReceipt(venue, (receipt) => ({ ...receipt, positions: receipt.positions.map((change) => ({ ...change, change: change.change / 2n })) })))
      const breaches = yield* found(subject, "tells")
      assert.deepInclude(breaches, { in: "opens a long", expected: "binance ETHUSDT-PERP 0.625", actual: "binance ETHUSDT-PERP 1.25" })
    }))

  it.effect("an effect of prepare", () =>
    Effect.gen(function*() {
      const subject = broken((venue, post) =>
        mapped(venue, ({ prepare }) => ({ prepare: (intent) => Effect.zipRight(post(gift), prepare(intent)) })))
      const breaches = yield* found(subject, "prepares")
      assert.deepInclude(breaches, {
        in: "sells ether",
        expected: "binance:spot USDT 90000.12345678",
        actual: "binance:spot USDT 90002.12345678"
      })
    }))

  it.effect("a credit on refusal", () =>
    Effect.gen(function*() {
      const subject = broken((venue, post) =>
        mapped(venue, ({ submit }) => ({
          submit: (call) => Effect.tapError(submit(call), () => post(gift))
        })))
      const breaches = yield* found(subject, "refuses")
      assert.include(breaches.map((breach) => breach.in), "buys more than it can pay")
    }))

  it.effect("a refusal whose costs are a gain", () =>
    Effect.gen(function*() {
      const subject = broken((venue, post) =>
        mapped(venue, ({ submit }) => ({
          submit: (call) =>
            Effect.catchTag(submit(call), "Rejected", (rejected) =>
              Effect.zipRight(
                post(gift),
                Effect.fail(new Outcome.Rejected({ ...rejected, message: rejected.message, receipt: { ...Outcome.emptyReceipt(at), entries: gift } }))
              ))
        })))
      const breaches = yield* found(subject, "refuses")
      assert.include(breaches.map((breach) => breach.expected), "a refusal that credits nothing")
    }))

  it.effect("a refusal that is thrown", () =>
    Effect.gen(function*() {
      const subject = broken((venue) => mapped(venue, ({ submit }) => ({ submit: (call) => Effect.orDie(submit(call)) })))
      const breaches = yield* found(subject, "refuses")
      assert.include(breaches[0]?.actual, "a defect")
    }))

  it.effect("more moved than was asked", () =>
    Effect.gen(function*() {
      const subject = broken((venue) =>
        mapped(venue, ({ prepare, submit }) => ({
          submit: (call) =>
            Effect.flatMap(submit(call), (first) =>
              Effect.matchEffect(Effect.flatMap(prepare(call.intent), (again) => submit(Venue.journaled(call.intent, again))), {
                onFailure: () => Effect.succeed(first),
                onSuccess: (second) =>
                  Effect.succeed(new Outcome.Settled({
                    receipt: {
                      ...first.receipt,
                      entries: [...first.receipt.entries, ...second.receipt.entries],
                      positions: [...first.receipt.positions, ...second.receipt.positions]
                    }
                  }))
              }))
        })))
      const breaches = yield* found(subject, "bounded")
      assert.deepInclude(breaches, { in: "sells ether", expected: "binance:spot ETH moved by 1.2345 at most", actual: "-2.469" })
    }))

  it.effect("more than the amount that was to come out of a swap, and less", () =>
    Effect.gen(function*() {
      const times = (numerator: bigint, denominator: bigint) =>
        Wrapped.layer(Uniswap.layer(), (venue) => ({
          ...venue,
          swap: {
            ...venue.swap!,
            submit: (call) => {
              const { instruction } = call.intent
              const amount = typeof instruction.amount === "bigint" ? instruction.amount * numerator / denominator : instruction.amount
              const intent = { ...call.intent, instruction: { ...instruction, amount } }
              return Effect.flatMap(venue.swap!.prepare(intent), (prepared) => venue.swap!.submit(Venue.journaled(intent, prepared)))
            }
          }
        }))
      assert.deepStrictEqual(yield* brokenLaws(uniswap(times(1n, 1n)), ["bounded"]), [])
      const more = yield* found(uniswap(times(101n, 100n)), "bounded")
      const buys = more.find((breach) => breach.in === "buys")
      assert.strictEqual(buys?.actual, "1010")
      // More by no more than one unit of USDT, and what one of WETH buys.
      assert.match(buys?.expected ?? "", /^1000\.0000010000000\d+ USDT at most$/)
      const less = yield* found(uniswap(times(99n, 100n)), "bounded")
      assert.deepInclude(less, { in: "buys for more units than it gets", expected: "1.25 WETH at least", actual: "1.2375" })
    }))

  it.effect("a max that leaves a debt", () =>
    Effect.gen(function*() {
      const subject = broken((venue) => ({
        ...venue,
        portfolio: (then) =>
          Effect.map(venue.portfolio(then), ({ holdings, positions }) => ({
            positions,
            // The dust that a sale of everything leaves is shown as owed.
            holdings: holdings.map((holding) => (holding.amount < Amount.unsafe("0.001") ? { ...holding, amount: -holding.amount } : holding))
          }))
      }))
      const breaches = yield* found(subject, "bounded")
      assert.deepInclude(breaches, { in: "sells all its ether", expected: "binance:spot ETH not below 0", actual: "-0.00005678" })
    }))

  it.effect("deltas given again by resolve", () =>
    Effect.gen(function*() {
      const subject = broken((venue) =>
        mapped(venue, () => ({
          resolve: () => Effect.succeed(new Outcome.Settled({ receipt: { ...Outcome.emptyReceipt(at), entries: gift } }))
        })))
      assert.deepStrictEqual(yield* brokenLaws(subject, ["resolves", "unheard_of"]), ["resolves", "unheard_of"])
    }))

  it.effect("resolve that does it again", () =>
    Effect.gen(function*() {
      const subject = broken((venue, post) =>
        mapped(venue, ({ resolve }) => ({ resolve: (handle) => Effect.zipRight(post(gift), resolve(handle)) })))
      assert.deepStrictEqual(yield* brokenLaws(subject, ["resolves", "unheard_of"]), ["resolves", "unheard_of"])
    }))

  it.effect("what is due given a second time", () =>
    Effect.gen(function*() {
      const subject = broken((venue) => {
        let last: ReadonlyArray<Outcome.Accrual> = []
        return {
          ...venue,
          accruals: (until) =>
            Effect.map(venue.accruals(until), (due) => {
              if (due.length === 0) return last
              last = due
              return due
            })
        }
      })
      const breaches = yield* found(subject, "once")
      assert.include(breaches.map((breach) => breach.expected), "nothing due a second time")
    }))

  it.effect("what is due by how often one asks", () =>
    Effect.gen(function*() {
      const subject = broken((venue, post) => {
        let asked = 0
        return {
          ...venue,
          accruals: (until) =>
            Effect.map(Effect.zipLeft(venue.accruals(until), post(gift)), (due) => [
              ...due,
              {
                id: `gift:${asked++}`,
                kind: "credit" as const,
                venue: "binance",
                account: "binance:spot" as const,
                at: until,
                entries: gift,
                detail: {}
              }
            ])
        }
      })
      const laws = ["prepares", "replays", "once", "split", "nothing"]
      assert.deepStrictEqual(yield* brokenLaws(subject, laws), laws)
    }))

  it.effect("something made of nothing", () =>
    Effect.gen(function*() {
      const subject = broken((venue, post) =>
        mapped(venue, ({ submit }) => ({
          submit: (call) => Effect.catchAll(submit(call), () => Effect.as(post(gift), new Outcome.Settled({ receipt: { ...Outcome.emptyReceipt(at), entries: gift } })))
        })))
      const breaches = yield* found(subject, "nothing")
      assert.include(breaches.map((breach) => breach.actual), "binance:spot USDT 1")
    }))

  it.effect("a venue that does not say what it holds", () =>
    Effect.gen(function*() {
      const mute = fixtures.venue(fixtures.desk())
      const layer = Layers.world({ at, venues: [VenueRegistry.venue({ id: "desk", family: "cex", make: Effect.succeed(mute) })] })
      const subject = { venue: "desk", layer, empty: layer, at, later, cases: [{ name: "sells", instruction: trade("desk", "spot", "sell", "1") }] }
      assert.deepStrictEqual(yield* brokenLaws(subject), ["tells"])
      assert.deepStrictEqual(yield* found(subject, "tells"), [
        { in: "sells", expected: "desk:spot ETH -1", actual: "desk:spot ETH 0" },
        { in: "sells", expected: "desk:spot USDT 2000", actual: "desk:spot USDT 0" }
      ])
    }))

  const enough = ["stakes", "wraps", "unwraps", "asks back", "claims", "claims one of two, the later first", "claims too early"]

  const claiming = (pay: (paid: Amount.Amount, again: boolean) => Amount.Amount) => {
    const whole = staking("lido", Layer.unwrapEffect(Effect.map(Simulation.Simulation, (simulation) =>
      Wrapped.layer(Lido.layer({ withdrawalDays: 2.7 }), (venue) => {
        // Behind everybody's back, and told in the receipt.
        const paying = (then: Timestamp.Timestamp, entries: ReadonlyArray<Entry.Entry>) =>
          Effect.orDie(simulation.step(then, (world) => Either.map(World.post(world, entries), (next) => ({ world: next, value: null }))))
        const issued = (amount: Amount.Amount) => Entry.move("issuer:lido", "wallet:wallet", "ETH", amount, "unstake")
        let last = 0n
        return {
          ...venue,
          action: {
            ...venue.action!,
            submit: (call) =>
              Effect.matchEffect(venue.action!.submit(call), {
                onSuccess: (success) => {
                  if (call.intent.instruction.action !== "claim") return Effect.succeed(success)
                  last = success.receipt.entries.reduce((sum, { account, amount, reason }) =>
                    account === "wallet:wallet" && reason === "unstake" ? sum + amount : sum, 0n)
                  const more = issued(pay(last, false))
                  return Effect.as(paying(call.intent.at, more), new Outcome.Settled({
                    receipt: { ...success.receipt, entries: [...success.receipt.entries, ...more] }
                  }))
                },
                onFailure: (failure) => {
                  const more = issued(pay(last, true))
                  return call.intent.instruction.action !== "claim" || more.length === 0
                    ? Effect.fail(failure)
                    : Effect.as(paying(call.intent.at, more), new Outcome.Settled({ receipt: { ...Outcome.emptyReceipt(call.intent.at), entries: more } }))
                }
              })
          }
        }
      }))), "stETH", "wstETH")
    return { ...whole, cases: whole.cases.filter(({ name }) => enough.includes(name)) }
  }

  it.effect("a claim that pays double, and one that pays a second time", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* brokenLaws(claiming(() => 0n)), [])
      const double = claiming((paid, again) => (again ? 0n : paid))
      assert.deepStrictEqual(yield* brokenLaws(double), ["promised"])
      const breaches = yield* found(double, "promised")
      assert.deepStrictEqual(
        breaches.map((breach) => breach.in),
        ["claims", "claims one of two, the later first"]
      )
      for (const { actual, expected } of breaches) {
        assert.match(expected, /^\d+\.?\d* ETH at most, for tickets of as much$/)
        assert.isAbove(Number(actual), 1.8 * Number.parseFloat(expected))
      }
      const twice = claiming((paid, again) => (again ? paid : 0n))
      assert.include((yield* found(twice, "promised")).map((breach) => breach.in), "claims, asked for again")
    }))

  it.effect("a transfer that arrives as more than was sent", () =>
    Effect.gen(function*() {
      const doubling = Wrapped.layer(Wallet.layer(), (venue) => ({
        ...venue,
        accruals: (until) =>
          Effect.map(venue.accruals(until), (due) =>
            due.map((accrual) => ({ ...accrual, entries: accrual.entries.map((entry) => ({ ...entry, amount: entry.amount * 2n })) })))
      }))
      const subject = { ...binance, layer: Layers.world({ at, data, balances, venues: [doubling, Binance.layer()] }) }
      const breaches = yield* found(subject, "promised")
      assert.include(breaches.map((breach) => breach.expected), "no more out of transit:law ETH than went in")
    }))

  it.effect("a case that cannot be asked, once, and goes on without it", () =>
    Effect.gen(function*() {
      const [before, after] = [at + 2 * Timestamp.hour, at + Timestamp.hour]
      const unsuitable: ReadonlyArray<VenueLaws.Case> = [
        { name: "asks nobody", instruction: { instruction_type: "none" } },
        { name: "comes after what is refused", setup: [trade("binance", "spot", "buy", "7000")], instruction: trade("binance", "spot", "sell", "1") },
        { name: "goes back in time", setup: [{ at: before, instruction: trade("binance", "spot", "sell", "1") }], at: after, instruction: trade("binance", "spot", "sell", "1") }
      ]
      const few = { ...binance, cases: binance.cases.slice(0, 2), untested: { internal: "not used", send: "not used" } }
      for (const one of unsuitable) {
        const subject = { ...few, cases: [...few.cases, one] }
        assert.deepStrictEqual(yield* brokenLaws(subject), ["covered"])
        const breaches = yield* found(subject, "covered")
        assert.lengthOf(breaches, 1)
        assert.include(breaches[0]?.in, one.name)
      }
      const standing = { ...few, standing: [trade("binance", "spot", "buy", "7000")] }
      assert.deepStrictEqual(yield* brokenLaws(standing), ["covered"])
    }))

  it.effect("an action that no case shows, and says which the others exercise", () =>
    Effect.gen(function*() {
      const whole = staking("lido", Lido.layer({ withdrawalDays: 2.7 }), "stETH", "wstETH")
      const subject = { ...whole, cases: whole.cases.filter(({ name }) => !name.startsWith("claims") && name !== "wraps" && name !== "wraps all") }
      assert.deepStrictEqual((yield* found(subject, "covered")).map((breach) => breach.in), ["wrap", "claim"])
      assert.deepStrictEqual(yield* brokenLaws({ ...subject, untested: { wrap: "not used", claim: "not used" } }, ["covered"]), [])
      assert.deepStrictEqual(yield* brokenLaws({ ...subject, untested: { action: "not used" } }, ["covered"]), [])
      const held = yield* VenueLaws.checks(whole).find(({ law }) => law === "tells")!.run
      assert.deepStrictEqual(held._tag === "Held" ? held.exercised : [], ["claim", "stake", "unstake", "unwrap", "wrap"])
    }))

  it.effect("a capability that no case shows", () =>
    Effect.gen(function*() {
      const subject = { ...binance, cases: [{ name: "sells", instruction: trade("binance", "spot", "sell", "1") }] }
      const breaches = yield* found(subject, "covered")
      assert.sameMembers(breaches.map((breach) => breach.in), ["internal", "send"])
      const excused = { ...subject, untested: { internal: "not used", send: "not used" } }
      assert.deepStrictEqual(yield* brokenLaws(excused, ["covered"]), [])
    }))

  it.effect("a layer that does not build, and a venue that is not there", () =>
    Effect.gen(function*() {
      const failing = VenueRegistry.venue({ id: "binance", family: "cex", make: Effect.fail("maintenance") })
      const subject = { ...binance, layer: Layers.world({ at, venues: [failing, failing] }) }
      const verdicts = yield* VenueLaws.run(subject)
      assert.isTrue(verdicts.filter(({ law }) => law !== "nothing").every(({ _tag }) => _tag === "Broken"))
      const elsewhere = yield* found({ ...binance, venue: "kraken" }, "unheard_of")
      assert.include(elsewhere[0]?.actual, "no venue kraken")
    }))
})

describe("the laws of venues say", () => {
  it.effect("what they have nothing to say about", () =>
    Effect.gen(function*() {
      const idle = Layers.world({
        at,
        venues: [VenueRegistry.venue({
          id: "idle",
          family: "cex",
          make: Effect.succeed<Venue.Venue>({
            id: "idle",
            family: "cex",
            accounts: ["spot"],
            accruals: Venue.noAccruals,
            portfolio: () => Effect.succeed({ holdings: [], positions: [] })
          })
        })]
      })
      const verdicts = yield* VenueLaws.run({ venue: "idle", layer: idle, at, later, cases: [] })
      assert.deepStrictEqual(VenueLaws.format(verdicts).split("\n"), [
        "skipped  covered     the venue has no capability that a case could show",
        "skipped  conserves   no case is done",
        "skipped  tells       no case is done",
        "skipped  refuses     no case is refused",
        "skipped  prepares    there are no cases",
        "skipped  bounded     no case is done",
        "skipped  promised    no case is done that pays for tickets or out of transit",
        "skipped  resolves    no case is done",
        "skipped  replays     no case is done",
        "skipped  once        nothing comes due at the later instants",
        "skipped  split       nothing comes due at the later instants",
        "skipped  nothing     no empty layer is given",
        "skipped  unheard_of  the venue has no capability"
      ])
    }))

  it.effect("with a typed error what is broken", () =>
    Effect.gen(function*() {
      const subject = broken((venue) => alteredReceipt(venue, (receipt) => ({ ...receipt, entries: [] })))
      const check = VenueLaws.checks(subject).find(({ law }) => law === "tells")!
      const error = yield* Effect.flip(VenueLaws.verify(subject, check))
      assert.include(error.message, "binance breaks \"what is held afterwards is what was held before and what the receipt tells\"")
      assert.include(error.message, "sells ether: expected binance:spot ETH 5.12345678, got binance:spot ETH 3.88895678")
    }))
})
