import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Liquidation from "../../../src/venues/morpho/Liquidation.js"
import * as Market from "../../../src/venues/morpho/Market.js"
import * as SharesMath from "../../../src/venues/morpho/SharesMath.js"

const { wad } = SharesMath
const empty: Market.Market = { supply: { assets: 0n, shares: 0n }, borrow: { assets: 0n, shares: 0n }, lastUpdate: 0n, rateAtTarget: 0n }
const terms: Market.Terms = { irm: "adaptive_curve", lltv: (86n * wad) / 100n, fee: wad / 10n }
const one = Market.oraclePriceScale

const units = FastCheck.bigInt({ min: 1n, max: 10n ** 27n })

const step = FastCheck.record({
  action: FastCheck.constantFrom("supply" as const, "withdraw" as const, "borrow" as const, "repay" as const, "collateral" as const, "release" as const),
  who: FastCheck.constantFrom(0, 1, 2),
  amount: FastCheck.oneof(FastCheck.bigInt({ min: 1n, max: 10n ** 24n }), FastCheck.bigInt({ min: 1n, max: 20n })),
  all: FastCheck.boolean(),
  seconds: FastCheck.bigInt({ min: 0n, max: 30n * 86_400n })
})

type Step = typeof step extends FastCheck.Arbitrary<infer A> ? A : never

const act = (market: Market.Market, position: Market.Position, { action, all, amount }: Step): Either.Either<Market.Changed, Market.Fault> => {
  switch (action) {
    case "supply":
      return Market.supply(market, position, { assets: amount })
    case "withdraw":
      return Market.withdraw(market, position, all ? { shares: position.supplyShares } : { assets: amount })
    case "borrow":
      return Market.borrow(terms, market, position, { assets: amount }, one)
    case "repay":
      return Market.repay(market, position, all ? { shares: position.borrowShares } : { assets: amount })
    case "collateral":
      return Either.map(Market.supplyCollateral(position, amount), (next) => ({ market, position: next, assets: 0n, shares: 0n }))
    case "release":
      return Either.map(Market.withdrawCollateral(terms, market, position, amount, one), (next) => ({ market, position: next, assets: 0n, shares: 0n }))
  }
}

const fell = (before: SharesMath.Totals, after: SharesMath.Totals): boolean =>
  (after.assets + 1n) * (before.shares + SharesMath.virtualShares) < (before.assets + 1n) * (after.shares + SharesMath.virtualShares)

const sum = (values: ReadonlyArray<bigint>): bigint => values.reduce((all, value) => all + value, 0n)

describe("morpho/Market", () => {
  it.prop("conserves shares and tokens, over random actions of three accounts and time", [FastCheck.array(step, { minLength: 5, maxLength: 60 })], ([steps]) => {
    let market = empty
    let positions: ReadonlyArray<Market.Position> = [Market.nothing, Market.nothing, Market.nothing]
    let feeShares = 0n
    let held = 0n
    let now = 0n
    for (const next of steps) {
      now += next.seconds
      const accrued = Either.getOrThrow(Market.accrue(terms, market, now))
      assert.isFalse(fell(market.supply, accrued.market.supply))
      feeShares += accrued.feeShares
      market = accrued.market
      const done = act(market, positions[next.who]!, next)
      if (Either.isLeft(done)) continue
      assert.isFalse(fell(market.supply, done.right.market.supply), next.action)
      const paysIn = next.action === "supply" || next.action === "repay"
      held += paysIn ? done.right.assets : -done.right.assets
      market = done.right.market
      positions = positions.map((position, i) => (i === next.who ? done.right.position : position))
      assert.strictEqual(sum(positions.map(({ supplyShares }) => supplyShares)) + feeShares, market.supply.shares)
      assert.strictEqual(sum(positions.map(({ borrowShares }) => borrowShares)), market.borrow.shares)
      // The contract never owes a token that it does not have.
      const free = market.supply.assets - market.borrow.assets
      assert.isTrue(free >= 0n && held >= free && held <= free + BigInt(steps.length))
      assert.isTrue(sum(positions.map((position) => Market.supplied(market, position))) <= market.supply.assets)
    }
  }, { fastCheck: { numRuns: 150 } })

  it.prop("gives back no more than was brought, and asks for no less than was lent", [units, units, units], ([others, own, part]) => {
    const { market, position } = Either.getOrThrow(Market.supply(empty, Market.nothing, { assets: others }))
    const mine = Either.getOrThrow(Market.supply(market, Market.nothing, { assets: own }))
    assert.isTrue(Market.supplied(mine.market, mine.position) <= own)
    const back = Market.withdraw(mine.market, mine.position, { shares: mine.position.supplyShares })
    if (Either.isRight(back)) assert.isTrue(back.right.assets <= own)
    assert.isTrue(Market.supplied(mine.market, position) >= Market.supplied(market, position))

    const loan = Either.getOrThrow(Market.owe(market, Market.nothing, { assets: own }))
    assert.isTrue(Market.borrowed(loan.market, loan.position) >= own)
    const some = Market.repay(loan.market, loan.position, { assets: part })
    const paid = Either.isRight(some) ? part : 0n
    const left = Either.isRight(some) ? some.right : loan
    const rest = Market.repay(left.market, left.position, { shares: left.position.borrowShares })
    assert.isTrue(paid + (Either.isRight(rest) ? rest.right.assets : 0n) >= own)
  })

  it("refuses in the contract's words", () => {
    const supplied = Either.getOrThrow(Market.supply(empty, Market.nothing, { assets: 1_000n }))
    const pledged = Either.getOrThrow(Market.supplyCollateral(Market.nothing, 1_000n))
    const loan = Either.getOrThrow(Market.borrow(terms, supplied.market, pledged, { assets: 800n }, one))
    const left = (result: Either.Either<unknown, Market.Fault>) => Either.getOrThrow(Either.flip(result))
    assert.strictEqual(left(Market.supply(empty, Market.nothing, { assets: 0n })), "inconsistent input")
    assert.strictEqual(left(Market.repay(empty, Market.nothing, { shares: 0n })), "inconsistent input")
    assert.strictEqual(left(Market.supply(empty, Market.nothing, { assets: 2n ** 128n })), "max uint128 exceeded")
    assert.strictEqual(left(Market.supplyCollateral(pledged, 2n ** 128n - 1n)), "max uint128 exceeded")
    assert.strictEqual(left(Market.supplyCollateral(pledged, 0n)), "zero assets")
    assert.strictEqual(left(Market.borrow(terms, supplied.market, pledged, { assets: 861n }, one)), "insufficient collateral")
    assert.strictEqual(left(Market.borrow(terms, supplied.market, pledged, { assets: 1_001n }, 2n * one)), "insufficient liquidity")
    assert.strictEqual(left(Market.borrow(terms, supplied.market, pledged, { assets: 1n }, 2n ** 255n)), "panic 0x11")
    assert.strictEqual(left(Market.withdraw(loan.market, supplied.position, { assets: 201n })), "insufficient liquidity")
    assert.strictEqual(left(Market.withdraw(loan.market, supplied.position, { assets: 1_001n })), "panic 0x11")
    assert.strictEqual(left(Market.withdrawCollateral(terms, loan.market, loan.position, 100n, one)), "insufficient collateral")
    assert.strictEqual(left(Market.withdrawCollateral(terms, loan.market, loan.position, 1_001n, one)), "panic 0x11")
    // All of a debt by its amount asks for more shares than are owed, once interest has made a share more than its first price.
    const later = Either.getOrThrow(Market.accrue(terms, loan.market, 31_536_000n)).market
    const owed = Market.borrowed(later, loan.position)
    assert.strictEqual(left(Market.repay(later, loan.position, { assets: owed })), "panic 0x11")
    assert.strictEqual(Either.getOrThrow(Market.repay(later, loan.position, { shares: loan.position.borrowShares })).assets, owed)
  })

  it("pays a fee in shares of the supply, and nothing twice in one second", () => {
    const supplied = Either.getOrThrow(Market.supply(empty, Market.nothing, { assets: 10n ** 24n }))
    const loan = Either.getOrThrow(Market.owe(supplied.market, Market.nothing, { assets: 9n * 10n ** 23n }))
    const fixed: Market.Terms = { ...terms, irm: { borrowRate: wad / 10n / 31_536_000n } }
    const year = Either.getOrThrow(Market.accrue(fixed, loan.market, 31_536_000n))
    // 10 % of 900,000 compounded: 94,650; a tenth of it is the fee.
    assert.strictEqual(year.interest / 10n ** 18n, 94_649n)
    const fee = SharesMath.toAssetsDown(year.feeShares, year.market.supply)
    assert.isTrue(fee <= year.interest / 10n && fee >= year.interest / 10n - 1n)
    assert.isTrue(Market.supplied(year.market, supplied.position) + fee >= year.market.supply.assets - 2n)
    const again = Either.getOrThrow(Market.accrue(fixed, year.market, 31_536_000n))
    assert.deepStrictEqual(again, { market: year.market, interest: 0n, feeShares: 0n, borrowRate: 0n })
  })
})

describe("morpho/Liquidation", () => {
  const price = FastCheck.bigInt({ min: one / 100n, max: one })
  const world = FastCheck.record({ supply: units, collateral: units, part: FastCheck.bigInt({ min: 1n, max: 1000n }), price })

  /** A loan at the edge of a market with others in it, and the price that falls. */
  const unhealthy = ({ collateral, part, supply }: { readonly supply: bigint; readonly collateral: bigint; readonly part: bigint }) => {
    const { market } = Either.getOrThrow(Market.supply(empty, Market.nothing, { assets: supply + collateral }))
    const { market: lent } = Either.getOrThrow(Market.owe(market, Market.nothing, { assets: (supply * part) / 2000n + 1n }))
    const pledged = Either.getOrThrow(Market.supplyCollateral(Market.nothing, collateral))
    const debt = Market.maxBorrow(terms, pledged, one)
    return debt === 0n ? undefined : Either.getOrThrow(Market.owe(lent, pledged, { assets: debt }))
  }

  it.prop("repays all or seizes all, at no better than the premium; what is left unpaid the suppliers lose", [world], ([at]) => {
    const loan = unhealthy(at)
    if (loan === undefined) return
    const done = Liquidation.full(terms, loan.market, loan.position, at.price)
    if (Either.getOrThrow(Market.health(terms, loan.market, loan.position, at.price))) {
      return assert.deepStrictEqual(done, Either.left("position is healthy"))
    }
    const { badDebt, badDebtShares, market, position, repaid, repaidShares, seized } = Either.getOrThrow(done)
    assert.strictEqual(position.borrowShares, 0n)
    assert.strictEqual(position.collateral, loan.position.collateral - seized)
    assert.isTrue(position.collateral === 0n || badDebt === 0n)
    assert.isTrue(seized <= loan.position.collateral)
    const value = SharesMath.mulDivDown(seized, at.price, one)
    assert.isTrue(value <= SharesMath.wMulDown(repaid, Liquidation.incentiveFactor(terms.lltv)))
    assert.strictEqual(market.supply.assets, loan.market.supply.assets - badDebt)
    assert.strictEqual(market.supply.shares, loan.market.supply.shares)
    assert.strictEqual(market.borrow.shares, loan.market.borrow.shares - repaidShares - badDebtShares)
    assert.strictEqual(repaidShares + badDebtShares, loan.position.borrowShares)
    assert.isTrue(badDebt > 0n || !fell(loan.market.supply, market.supply))
  })

  it("knows the factors of the lltvs in use", () => {
    const percent = (lltv: bigint) => Liquidation.incentiveFactor((lltv * wad) / 1000n)
    assert.strictEqual(percent(860n), 1_043_841_336_116_910_229n)
    assert.strictEqual(percent(945n), 1_016_776_817_488_561_260n)
    assert.strictEqual(percent(965n), 1_010_611_419_909_044_972n)
    assert.strictEqual(percent(385n), Liquidation.maxIncentiveFactor)
  })

  it("liquidates what it is asked for, and no more than there is", () => {
    const loan = unhealthy({ supply: 10n ** 24n, collateral: 10n ** 21n, part: 500n })!
    const fallen = (one * 95n) / 100n
    const ask = (quantity: Liquidation.Quantity) => Liquidation.liquidate(terms, loan.market, loan.position, quantity, fallen)
    const part = Either.getOrThrow(ask({ repaidShares: loan.position.borrowShares / 4n }))
    assert.strictEqual(part.badDebt, 0n)
    assert.strictEqual(part.seized, SharesMath.mulDivDown(SharesMath.wMulDown(part.repaid, percent86), one, fallen))
    assert.deepStrictEqual(ask({ seized: loan.position.collateral + 1n }), Either.left("panic 0x11"))
    assert.deepStrictEqual(ask({ repaidShares: loan.position.borrowShares + 1n }), Either.left("panic 0x11"))
    assert.deepStrictEqual(ask({ seized: 0n }), Either.left("inconsistent input"))
  })

  const percent86 = Liquidation.incentiveFactor(terms.lltv)
})
