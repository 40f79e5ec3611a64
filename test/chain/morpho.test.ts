import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Liquidation from "../../src/venues/morpho/Liquidation.js"
import * as Market from "../../src/venues/morpho/Market.js"
import * as SharesMath from "../../src/venues/morpho/SharesMath.js"
import * as Anvil from "./Anvil.js"
import * as MorphoChain from "./MorphoChain.js"
import * as MorphoDeploy from "./MorphoDeploy.js"

const { wad } = SharesMath
const actions = ["supply", "withdraw", "borrow", "repay", "supplyCollateral", "withdrawCollateral", "liquidate", "accrueInterest", "flashLoan", "setPrice"] as const

type Action = (typeof actions)[number]

/** What is done next. Amounts are parts of what there is to move, so that most of it is possible and some is not. */
interface Step {
  readonly action: Action
  readonly user: 0 | 1
  readonly byShares: boolean
  /** In a thousand. */
  readonly part: number
  readonly off: bigint
  readonly seconds: number
  /** Decimal digits of what is brought from outside. */
  readonly digits: number
}

const step: FastCheck.Arbitrary<Step> = FastCheck.record({
  action: FastCheck.oneof(
    { weight: 8, arbitrary: FastCheck.constantFrom("supply" as const, "borrow" as const, "supplyCollateral" as const) },
    { weight: 6, arbitrary: FastCheck.constantFrom("withdraw" as const, "repay" as const, "withdrawCollateral" as const) },
    { weight: 8, arbitrary: FastCheck.constantFrom("liquidate" as const, "setPrice" as const) },
    { weight: 1, arbitrary: FastCheck.constantFrom("accrueInterest" as const, "flashLoan" as const) }
  ),
  user: FastCheck.constantFrom(0 as const, 1 as const),
  byShares: FastCheck.boolean(),
  part: FastCheck.oneof(FastCheck.integer({ min: 0, max: 1_000 }), FastCheck.constantFrom(1_000, 1_000, 1_010)),
  off: FastCheck.oneof({ weight: 4, arbitrary: FastCheck.constant(0n) }, { weight: 1, arbitrary: FastCheck.bigInt({ min: -1n, max: 1n }) }),
  seconds: FastCheck.oneof(FastCheck.integer({ min: 1, max: 60 }), FastCheck.integer({ min: 1, max: 90 * 86_400 })),
  digits: FastCheck.integer({ min: 1, max: 26 })
})

const scripted = (steps: ReadonlyArray<Pick<Step, "action" | "user" | "part"> & Partial<Step>>): ReadonlyArray<Step> =>
  steps.map((one) => ({ byShares: false, off: 0n, seconds: 12, digits: 21, ...one }))

/** Something is lent to the second user from the start. */
const opening = scripted([
  { action: "supply", user: 0, part: 1_000 },
  { action: "supplyCollateral", user: 1, part: 1_000 },
  { action: "borrow", user: 1, part: 900 }
])

/** At the end the price falls, and the second user is liquidated in two parts, the second of which is all there is. */
const closing = scripted([
  { action: "setPrice", user: 0, part: 600 },
  { action: "supply", user: 0, part: 1_000, digits: 23 },
  { action: "supplyCollateral", user: 1, part: 1_000 },
  { action: "borrow", user: 1, part: 990 },
  { action: "setPrice", user: 0, part: 0 },
  { action: "liquidate", user: 0, part: 100, byShares: true },
  { action: "liquidate", user: 0, part: 1_000 }
])

/** The world that the arithmetic under test keeps, beside the chain. */
interface Model {
  readonly market: Market.Market
  readonly positions: ReadonlyArray<Market.Position>
  readonly loan: ReadonlyArray<bigint>
  readonly collateral: ReadonlyArray<bigint>
  readonly price: bigint
}

interface Done {
  readonly model: Model
  readonly badDebt: boolean
}

const replaced = <A>(all: ReadonlyArray<A>, at: number, next: A): ReadonlyArray<A> => all.map((one, i) => (i === at ? next : one))

const minus = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n)

const amountOf = (terms: Market.Terms, model: Model, accrued: Market.Market, { action, byShares, digits, off, part, user }: Step): bigint => {
  const position = model.positions[user]!
  const of = (whole: bigint): bigint => {
    const amount = (whole * BigInt(part)) / 1000n + off
    return amount > 0n ? amount : 0n
  }
  switch (action) {
    case "withdraw":
      return of(byShares ? position.supplyShares : Market.supplied(accrued, position))
    case "repay":
      return of(byShares ? position.borrowShares : Market.borrowed(accrued, position))
    case "withdrawCollateral":
      return of(position.collateral)
    case "borrow": {
      const free = minus(Market.maxBorrow(terms, position, model.price), Market.borrowed(accrued, position))
      const liquid = minus(accrued.supply.assets, accrued.borrow.assets)
      const most = free < liquid ? free : liquid
      return of(byShares ? SharesMath.toSharesDown(most, accrued.borrow) : most)
    }
    case "supply":
      return of(10n ** BigInt(digits) * (byShares ? SharesMath.virtualShares : 1n))
    case "liquidate": {
      const other = model.positions[1 - user]!
      return of(byShares ? other.borrowShares : other.collateral)
    }
    case "flashLoan":
      return of(minus(accrued.supply.assets, accrued.borrow.assets))
    default:
      return of(10n ** BigInt(digits))
  }
}

const quantity = (byShares: boolean, amount: bigint): Market.Quantity => (byShares ? { shares: amount } : { assets: amount })

/** What should become of a step, by the arithmetic under test. */
const expected = (terms: Market.Terms, model: Model, now: bigint, next: Step, amount: bigint): Either.Either<Done, Market.Fault | "transfer reverted"> =>
  Either.gen(function*() {
    const { action, byShares, user } = next
    const position = model.positions[user]!
    const { feeShares, market } = yield* Market.accrue(terms, model.market, now)
    // The fees belong to the first user.
    const first = model.positions[0]!
    const positions = replaced(model.positions, 0, { ...first, supplyShares: first.supplyShares + feeShares })
    const own = user === 0 ? positions[0]! : position
    const accrued: Model = { ...model, market, positions }
    const moved = ({ assets, market, position }: Market.Changed, sign: bigint): Done => ({
      badDebt: false,
      model: {
        ...accrued,
        market,
        positions: replaced(positions, user, position),
        loan: replaced(model.loan, user, model.loan[user]! + sign * assets)
      }
    })
    const pledged = (position: Market.Position, from: Model, change: bigint): Done => ({
      badDebt: false,
      model: {
        ...from,
        positions: replaced(from.positions, user, position),
        collateral: replaced(model.collateral, user, model.collateral[user]! + change)
      }
    })
    switch (action) {
      case "supply":
        return moved(yield* Market.supply(market, own, quantity(byShares, amount)), -1n)
      case "withdraw":
        return moved(yield* Market.withdraw(market, own, quantity(byShares, amount)), 1n)
      case "borrow":
        return moved(yield* Market.borrow(terms, market, own, quantity(byShares, amount), model.price), 1n)
      case "repay":
        return moved(yield* Market.repay(market, own, quantity(byShares, amount)), -1n)
      case "supplyCollateral":
        return pledged(yield* Market.supplyCollateral(position, amount), model, -amount)
      case "withdrawCollateral":
        return pledged(yield* Market.withdrawCollateral(terms, market, own, amount, model.price), accrued, amount)
      case "liquidate": {
        const borrower = 1 - user
        const done = yield* Liquidation.liquidate(
          terms,
          market,
          positions[borrower]!,
          byShares ? { repaidShares: amount } : { seized: amount },
          model.price
        )
        return {
          badDebt: done.badDebt > 0n,
          model: {
            ...accrued,
            market: done.market,
            positions: replaced(positions, borrower, done.position),
            loan: replaced(model.loan, user, model.loan[user]! - done.repaid),
            collateral: replaced(model.collateral, user, model.collateral[user]! + done.seized)
          }
        }
      }
      case "accrueInterest":
        return { badDebt: false, model: accrued }
      case "flashLoan": {
        // All that was ever in the users' hands and is not now.
        const held = 2n * MorphoDeploy.purse - model.loan[0]! - model.loan[1]!
        return amount === 0n
          ? yield* Either.left("zero assets" as const)
          : amount > held
            ? yield* Either.left("transfer reverted" as const)
            : { badDebt: false, model }
      }
      default:
        return { badDebt: false, model }
    }
  })

const callOf = (chain: MorphoChain.Chain, flashBorrower: `0x${string}`, users: ReadonlyArray<string>, next: Step, amount: bigint) => {
  const { loan, morpho, oracle, params } = chain.world
  const { action, byShares, user } = next
  const self = users[user]!
  const [assets, shares] = byShares ? [0n, amount] : [amount, 0n]
  const blue = (functionName: string, args: ReadonlyArray<unknown>) => ({ to: morpho, abi: MorphoDeploy.artifacts.morpho().abi, functionName, args })
  switch (action) {
    case "supply":
    case "repay":
      return blue(action, [params, assets, shares, self, "0x"])
    case "withdraw":
    case "borrow":
      return blue(action, [params, assets, shares, self, self])
    case "supplyCollateral":
      return blue(action, [params, amount, self, "0x"])
    case "withdrawCollateral":
      return blue(action, [params, amount, self, self])
    case "liquidate":
      return blue(action, [params, users[1 - user], assets, shares, "0x"])
    case "accrueInterest":
      return blue(action, [params])
    case "flashLoan":
      return {
        to: flashBorrower,
        abi: MorphoDeploy.artifacts.flashBorrower().abi,
        functionName: "flashLoan",
        args: [loan, amount, `0x${loan.slice(2).padStart(64, "0")}`]
      }
    case "setPrice":
      return { to: oracle, abi: MorphoDeploy.artifacts.oracle().abi, functionName: "setPrice", args: [amount] }
  }
}

/** Assets of a share, as a fraction: it never falls but by bad debt. */
const fell = (before: SharesMath.Totals, after: SharesMath.Totals): boolean =>
  (after.assets + SharesMath.virtualAssets) * (before.shares + SharesMath.virtualShares) <
    (before.assets + SharesMath.virtualAssets) * (after.shares + SharesMath.virtualShares)

const kinds = [
  { name: "a curve of the utilisation that adapts", irm: "adaptive_curve", lltv: 945n, fee: 0n },
  { name: "a curve that adapts, with a fee", irm: "adaptive_curve", lltv: 860n, fee: 15n },
  { name: "the package's own mock of a rate", irm: "utilization", lltv: 770n, fee: 25n }
] as const

const sequences = 3
const steps = 40
const gasUsed = new Map<string, bigint>()

describe("Morpho Blue on its own code", () => {
  for (const [index, kind] of kinds.entries()) {
    it.scopedLive(`${kind.name}: every total, share and balance over random actions and time, to the unit`, () =>
      Effect.gen(function*() {
        const { url } = yield* Anvil.start()
        const users = [Anvil.client(url, 0), Anvil.client(url, 1)]
        const admin = users[0]!
        let done = 0
        let refused = 0
        let liquidations = 0
        let losses = 0
        for (let sequence = 0; sequence < sequences; sequence++) {
          const options = { ...kind, lltv: kind.lltv * 10n ** 15n, fee: kind.fee * 10n ** 16n, price: Market.oraclePriceScale, users }
          const world = yield* MorphoDeploy.world(admin, options)
          const flashBorrower = yield* MorphoDeploy.deploy(admin, MorphoDeploy.artifacts.flashBorrower(), [world.morpho])
          const chain = MorphoChain.make(admin, users, world, kind.irm === "adaptive_curve")
          const { collateral, loan, market, positions } = yield* Effect.promise(() => chain.read())
          let model: Model = { market, positions, loan, collateral, price: options.price }
          for (const next of [...opening, ...FastCheck.sample(step, { numRuns: steps, seed: 100 * index + sequence }), ...closing]) {
            const now = (yield* Effect.promise(() => chain.now())) + BigInt(next.seconds)
            // The mock's rate follows the utilisation at once, so it is given for each step.
            const { assets } = model.market.supply
            const terms: Market.Terms = {
              lltv: options.lltv,
              fee: options.fee,
              irm: kind.irm === "adaptive_curve"
                ? kind.irm
                : { borrowRate: assets === 0n ? 0n : SharesMath.wDivDown(model.market.borrow.assets, assets) / 31_536_000n }
            }
            const accrued = Either.getOrThrow(Market.accrue(terms, model.market, now)).market
            const amount = next.action === "setPrice"
              ? (Market.oraclePriceScale * BigInt(400 + next.part)) / 1000n
              : amountOf(terms, model, accrued, next)
            const outcome = expected(terms, model, now, next, amount)
            const { abi, args, functionName, to } = callOf(chain, flashBorrower, users.map(({ account }) => account.address), next, amount)
            const called = yield* Effect.promise(() => chain.call(next.user, next.seconds, to, abi, functionName, args))
            assert.strictEqual(called.timestamp, now)
            const what = `${next.action} of ${amount}${next.byShares ? " shares" : ""} as ${next.user} in sequence ${sequence}`
            assert.strictEqual(called.refusal, Either.isLeft(outcome) ? outcome.left : undefined, what)
            const before = model
            if (Either.isRight(outcome)) {
              model = next.action === "setPrice" ? { ...model, price: amount } : outcome.right.model
              done++
              if (next.action === "liquidate") liquidations++
              if (outcome.right.badDebt) losses++
              if (called.gasUsed > (gasUsed.get(next.action) ?? 0n)) gasUsed.set(next.action, called.gasUsed)
            } else refused++
            const stored = yield* Effect.promise(() => chain.read())
            const { price: _price, ...shown } = model
            assert.deepStrictEqual(shown, { market: stored.market, positions: stored.positions, loan: stored.loan, collateral: stored.collateral }, what)
            // The contract holds what it has not lent, and all collateral.
            assert.isTrue(stored.held.loan >= stored.market.supply.assets - stored.market.borrow.assets, what)
            assert.strictEqual(stored.held.collateral, stored.positions.reduce((sum, { collateral }) => sum + collateral, 0n), what)
            if (!(Either.isRight(outcome) && outcome.right.badDebt)) {
              assert.isFalse(fell(before.market.supply, model.market.supply), `${what}: the price of a share of the supply`)
            }
          }
        }
        assert.isTrue(done >= sequences * steps * 0.5, `${done} were done`)
        assert.isTrue(liquidations >= 4 && losses >= 2, `${liquidations} liquidations, ${losses} with bad debt`)
        assert.isTrue(refused >= 10, `${refused} were refused`)
        console.info(
          `morpho, ${kind.name}: ${sequences} sequences, ${done} actions done, ${refused} refused, ${liquidations} liquidations, ${losses} with bad debt, ` +
            `largest difference 0; gas at most ${[...gasUsed].map(([action, gas]) => `${action} ${gas}`).join(", ")}`
        )
      }), 90_000)
  }

  it.effect("the incentive factor of every lltv that Morpho allows", () =>
    Effect.sync(() => {
      const factors = [[0n, 1150n], [385n, 1150n], [625n, 1126n], [770n, 1074n], [860n, 1043n], [915n, 1026n], [945n, 1016n], [965n, 1010n], [980n, 1006n]]
      for (const [lltv, factor] of factors) {
        const found = Liquidation.incentiveFactor(lltv! * 10n ** 15n)
        assert.strictEqual((found * 1000n) / wad, factor)
      }
    }))
})
