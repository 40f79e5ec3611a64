import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Decimal from "../../src/domain/Decimal.js"
import * as ShareToken from "../../src/sim/ShareToken.js"
import type * as Protocol from "../../src/sim/ShareToken/Protocol.js"
import * as Queue from "../../src/sim/ShareToken/Queue.js"
import * as EtherFi from "../../src/venues/etherfi/Contracts.js"
import * as Lido from "../../src/venues/lido/Contracts.js"

const amount = FastCheck.oneof(
  FastCheck.bigInt({ min: 0n, max: 200n }),
  FastCheck.bigInt({ min: 0n, max: 10n ** 25n })
)

/** From half an ether for a share to two, slashed or grown. */
const pool: FastCheck.Arbitrary<ShareToken.Pool> = FastCheck.tuple(
  FastCheck.bigInt({ min: 10n ** 18n, max: 10n ** 26n }),
  FastCheck.integer({ min: 5_000, max: 20_000 }),
  FastCheck.bigInt({ min: 0n, max: 10n ** 14n })
).map(([shares, rate, odd]) => ({ shares, pooled: (shares * BigInt(rate)) / 10_000n + odd + 1n }))

/** Above one, as it is but for a slashing of the first days. */
const grown = pool.filter(({ pooled, shares }) => pooled > shares)

const held = FastCheck.tuple(pool, amount).map(([pool, shares]) => ({ pool, held: ShareToken.holding(pool, shares) }))

describe("share tokens", () => {
  it.prop("a rate of the data is a pool at exactly that rate", [FastCheck.bigInt({ min: 1n, max: 10n ** 20n }), FastCheck.integer({ min: -2, max: 30 })], ([value, scale]) => {
    const { pooled, shares } = ShareToken.ofRate(Decimal.make(value, scale))
    assert.strictEqual(Decimal.compare(Decimal.make(pooled, 0), Decimal.multiply(Decimal.make(value, scale), Decimal.make(shares, 0))), 0)
  })

  it.prop("more is never less: shares of amounts, amounts of shares", [pool, amount, amount], ([pool, a, b]) => {
    const [less, more] = a < b ? [a, b] : [b, a]
    assert.isTrue(ShareToken.toShares(pool, less) <= ShareToken.toShares(pool, more))
    assert.isTrue(ShareToken.toAmount(pool, less) <= ShareToken.toAmount(pool, more))
  })

  it.prop("parts make no more than the whole", [pool, amount, amount], ([pool, a, b]) => {
    for (const to of [ShareToken.toShares, ShareToken.toAmount]) {
      const lost = to(pool, a + b) - to(pool, a) - to(pool, b)
      assert.isTrue(lost === 0n || lost === 1n)
    }
  })

  it.prop("there and back gains nothing, and loses two units at most above one", [grown, amount], ([pool, a]) => {
    const back = ShareToken.toAmount(pool, ShareToken.toShares(pool, a))
    // A share is worth pooled / shares, and no more than one share is cut off.
    assert.isTrue(back <= a)
    assert.isTrue(a - back <= pool.pooled / pool.shares + 1n)
    const shares = ShareToken.toShares(pool, ShareToken.toAmount(pool, a))
    assert.isTrue(shares <= a && a - shares <= 1n)
  })

  it.prop("a holding shows its shares, whatever was moved, and others give and take no more than they say", [held, amount], ([{ held, pool }, moved]) => {
    const more = ShareToken.received(pool, held, moved)
    assert.strictEqual(more.shown, ShareToken.toAmount(pool, more.shares))
    assert.isTrue(more.shown - held.shown <= moved)
    const less = ShareToken.sent(pool, held, moved)
    if (less === undefined) return assert.isTrue(moved >= held.shown)
    assert.isTrue(less.shares >= 0n && held.shown - less.shown <= moved)
    assert.strictEqual(less.shown, ShareToken.toAmount(pool, less.shares))
  })

  it.prop("a wallet that wraps and unwraps gains nothing, and loses two units a time above one", [
    grown,
    FastCheck.bigInt({ min: 1n, max: 10n ** 24n }),
    FastCheck.array(amount, { minLength: 1, maxLength: 6 })
  ], ([pool, shares, amounts]) => {
    let wallet = ShareToken.holding(pool, shares)
    let wrapped = 0n
    let times = 0n
    const worth = () => wallet.shown + ShareToken.toAmount(pool, wrapped)
    const begin = worth()
    for (const one of amounts) {
      const sent = ShareToken.sent(pool, wallet, one)
      if (sent === undefined) continue
      wallet = sent
      wrapped += ShareToken.toShares(pool, one)
      const part = wrapped / 2n
      wallet = ShareToken.received(pool, wallet, ShareToken.toAmount(pool, part))
      wrapped -= part
      times += 2n
      // Shares are never made of nothing.
      assert.isTrue(wallet.shares + wrapped <= shares)
      assert.isTrue(worth() <= begin)
      assert.isTrue(begin - worth() <= (pool.pooled / pool.shares + 1n) * times + 1n)
    }
  })

  it.prop("what a ledger says and what shares show stay within two units", [held, amount], ([{ held, pool }, asked]) => {
    const balance = asked < held.shown ? held.shown - asked : held.shown + asked
    const after = ShareToken.reconciled(pool, held, balance)
    assert.isTrue(after.shares >= 0n)
    const off = balance - after.shown
    assert.isTrue(off >= -(pool.pooled / pool.shares) - 1n && off <= pool.pooled / pool.shares + 1n)
    assert.strictEqual(ShareToken.reconciled(pool, held, held.shown), held)
  })

  it.prop("rebasing moves every holding the way of the rate", [held, pool], ([{ held, pool }, next]) => {
    const after = ShareToken.revalued(next, held)
    assert.strictEqual(after.shares, held.shares)
    const up = next.pooled * pool.shares >= pool.pooled * next.shares
    assert.isTrue(up ? after.shown >= held.shown : after.shown <= held.shown)
  })
})

describe("the withdrawal queue", () => {
  it.prop("parts are as large as may be, and make the whole", [
    FastCheck.bigInt({ min: 1n, max: 1_000n }),
    FastCheck.bigInt({ min: 2n, max: 50n }),
    FastCheck.bigInt({ min: 0n, max: 10n ** 6n })
  ], ([least, times, over]) => {
    const most = least * times
    const whole = least + over
    const parts = Queue.parts(whole, least, most)
    assert.strictEqual(parts.reduce((a, b) => a + b, 0n), whole)
    assert.isTrue(parts.every((part) => part >= least && part <= most))
    assert.strictEqual(BigInt(parts.length), (whole + most - 1n) / most)
  })

  const asked = FastCheck.tuple(grown, FastCheck.bigInt({ min: 100n, max: 10n ** 21n })).map(([pool, amount]) => ({
    pool,
    request: { amount, shares: ShareToken.toShares(pool, amount) }
  }))

  for (const [name, { payable }] of [["lido", Lido.contracts], ["etherfi", EtherFi.contracts]] as ReadonlyArray<readonly [string, Protocol.Contracts]>) {
    it.prop(`${name}: pays no more than was asked, nor than the shares are worth and two units`, [asked, pool], ([{ pool, request }, then]) => {
      const paid = payable(then, request)
      assert.isTrue(paid >= 0n && paid <= request.amount)
      assert.isTrue(paid <= ShareToken.toAmount(then, request.shares + 1n))
      // At the rate of the request itself a unit or two are lost at most, and nothing at a rate well above it.
      assert.isTrue(request.amount - payable(pool, request) <= pool.pooled / pool.shares + 1n)
      assert.strictEqual(payable({ pooled: pool.pooled * 2n, shares: pool.shares }, request), request.amount)
      // A rate that falls pays no more.
      assert.isTrue(payable({ pooled: (then.pooled * 9n) / 10n, shares: then.shares }, request) <= paid)
    })
  }

  it("lido: what has no shares is worth nothing", () => {
    assert.strictEqual(Lido.claimable({ pooled: 2n, shares: 1n }, { amount: 1n, shares: 0n }), 0n)
  })
})
