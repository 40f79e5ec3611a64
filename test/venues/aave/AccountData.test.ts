import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as AccountData from "../../../src/venues/aave/AccountData.js"
import * as RayMath from "../../../src/venues/aave/RayMath.js"
import * as Reserves from "../../../src/venues/aave/Reserves.js"

const reserve = (token: string, ltv = 8000n, liquidationThreshold = 8500n): Reserves.Reserve => ({
  ...Reserves.unlisted(token),
  ltv,
  liquidationThreshold,
  borrowable: true,
  source: "test"
})

/** A leg in no efficiency mode. */
const leg = (reserve: Reserves.Reserve, rest: Pick<AccountData.Leg, "collateral" | "debt" | "price" | "decimals">): AccountData.Leg => ({
  reserve,
  terms: reserve,
  ...rest
})

const weth = (collateral: bigint, debt: bigint): AccountData.Leg =>
  leg(reserve("WETH"), { collateral, debt, price: 200012345678n, decimals: 18 })

const usdc = (collateral: bigint, debt: bigint): AccountData.Leg =>
  leg(reserve("USDC"), { collateral, debt, price: 99987654n, decimals: 6 })

/**
 * Accounts and indices of the bytecode of @aave/core-v3 1.19.3 (v3.0.2) on a local chain, 2026-11: the answers of
 * getUserAccountData, and of getReserveData before and after a transaction.
 */
const recorded = [
  {
    legs: [weth(0n, 5663116540482149662n), usdc(17341788931n, 0n)],
    account: { collateral: 1733964791373n, debt: 1132693223109n, healthFactor: 1301208520186553876n },
    borrow: { rate: 29930314323678347003537708n, seconds: 2716618n, from: 1037172978789756775701887231n, to: 1039850567992916894873209484n },
    supply: { rate: 16124826879255334075064973n, from: 1019985715233581116862800917n, to: 1021402523614539052087698180n }
  },
  {
    legs: [weth(1334246269109283056n, 8226898636440207116n), usdc(39745608111n, 0n)],
    account: { collateral: 4240935837818n, debt: 1645481293929n, healthFactor: 2190724060762577960n },
    borrow: { rate: 13029628827116204554048099n, seconds: 3063n, from: 1027462382906021062425150617n, to: 1027463683191280995461401224n },
    supply: { rate: 3055882092703516806183379n, from: 1006057879831798260593966696n, to: 1006058178438774920076970893n }
  },
  {
    legs: [weth(0n, 6650362730362194403n), usdc(16628986131n, 0n)],
    account: { collateral: 1662693311637n, debt: 1330154649309n, healthFactor: 1062500000000140961n },
    borrow: { rate: 12378878660839873012752313n, seconds: 2627159n, from: 1038497059492401494913006294n, to: 1039568554623119522770047203n },
    supply: { rate: 2758259464196341820940799n, from: 1008450623197162478528971758n, to: 1008682346391442366696372615n }
  },
  {
    legs: [weth(1000000000000000001n, 0n), usdc(47731711087n, 76530688n)],
    account: { collateral: 4972594158672n, debt: 7652123952n, healthFactor: 552357105214727446956n },
    borrow: { rate: 12570252123135008138559323n, seconds: 2275726n, from: 1064002006948583342103318709n, to: 1064967605777791240945479068n },
    supply: { rate: 2844202291905243236574842n, from: 1014135165178156553118114332n, to: 1014343311954220197188828372n }
  }
]

const amount = FastCheck.bigInt({ min: 0n, max: 10n ** 24n })
const points = FastCheck.bigInt({ min: 0n, max: 9000n })

const legs = FastCheck.array(
  FastCheck.record({ collateral: amount, debt: amount, price: FastCheck.bigInt({ min: 1n, max: 10n ** 14n }), ltv: points, more: FastCheck.bigInt({ min: 0n, max: 1000n }) }).map(
    ({ collateral, debt, ltv, more, price }): AccountData.Leg =>
      leg(reserve("any", ltv, ltv + more), { collateral, debt, price, decimals: 18 })
  ),
  { maxLength: 4 }
)

describe("AccountData", () => {
  it("equals what the bytecode of v3.0.2 answers, to the last digit", () => {
    for (const { account, borrow, legs, supply } of recorded) {
      const data = AccountData.make(legs, "v3.0")
      assert.deepStrictEqual(data, { ...account, ltv: 8000n, liquidationThreshold: 8500n })
      assert.strictEqual(
        RayMath.rayMul(RayMath.compoundedInterest(borrow.rate, borrow.seconds, "v3.0"), borrow.from, "half_up"),
        borrow.to
      )
      assert.strictEqual(RayMath.rayMul(RayMath.linearInterest(supply.rate, borrow.seconds), supply.from, "half_up"), supply.to)
    }
  })

  it("rounds debt up from v3.5 on", () => {
    const account = AccountData.make([weth(10n ** 18n, 1n)], "v3.5")
    assert.strictEqual(account.debt, 1n)
    assert.strictEqual(AccountData.make([weth(10n ** 18n, 1n)], "v3.0").debt, 0n)
  })

  it("has no health factor without debt, and counts no collateral without a threshold", () => {
    const unused = leg(reserve("USDC", 0n, 0n), { collateral: 10n ** 12n, debt: 10n ** 9n, price: 99987654n, decimals: 6 })
    assert.isUndefined(AccountData.make([weth(10n ** 18n, 0n)], "v3.5").healthFactor)
    assert.strictEqual(AccountData.formatHealthFactor(AccountData.make([], "v3.5")), "none")
    const data = AccountData.make([unused], "v3.5")
    assert.strictEqual(data.collateral, 0n)
    assert.strictEqual(data.healthFactor, 0n)
    assert.isTrue(AccountData.isUnhealthy(data))
  })

  it.prop("v3.5 judges no account better than v3.0 does, but for the rounding of the average", [legs], ([all]) => {
    const now = AccountData.make(all, "v3.5")
    const then = AccountData.make(all, "v3.0")
    assert.strictEqual(now.collateral, then.collateral)
    assert.isTrue(now.debt >= then.debt && now.debt <= then.debt + BigInt(all.length))
    assert.isTrue(now.ltv <= now.liquidationThreshold)
    assert.strictEqual(now.liquidationThreshold, then.liquidationThreshold)
    if (now.healthFactor !== undefined && then.healthFactor !== undefined && then.debt > 10n ** 9n) {
      const difference = now.healthFactor - then.healthFactor
      // One basis point of collateral is what rounding the average threshold down can take.
      assert.isTrue((difference < 0n ? -difference : difference) <= (now.collateral * 2n * RayMath.wad) / (then.debt * 10_000n) + 10n ** 10n)
    }
  })

  it.prop("a loan within the loan to value leaves the account healthy", [legs, amount], ([all, more]) => {
    const before = AccountData.make(all, "v3.5")
    const loan: AccountData.Leg = { ...weth(0n, more) }
    const after = AccountData.make([...all, loan], "v3.5")
    const value = AccountData.debtValue(more, loan.price, 18, "v3.5")
    if (AccountData.uncovered(before, after, value, "v3.5") === undefined) assert.isFalse(AccountData.isUnhealthy(after))
    else assert.isTrue(after.ltv === 0n || after.debt * RayMath.percent > after.collateral * after.ltv || AccountData.isUnhealthy(after))
  })
})
