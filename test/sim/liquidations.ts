import { assert } from "vitest"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Entry from "../../src/domain/Entry.js"
import * as Outcome from "../../src/domain/Outcome.js"

/** What an account loses by the lines of a reason. */
const lost = ({ account, entries }: Outcome.Accrual, reason: Entry.Reason): bigint =>
  entries.reduce((sum, entry) => (entry.account === account && entry.reason === reason ? sum - entry.amount : sum), 0n)

/** The liquidations among accruals, each of which says of itself what its ledger lines do. */
export const checked = (accruals: ReadonlyArray<Outcome.Accrual>): ReadonlyArray<Outcome.LiquidationAccrual> => {
  const all = Outcome.liquidations(accruals)
  for (const accrual of all) {
    const { fee, healthFactor, loss, marginRatio, penalty, repaid, size } = accrual.liquidation
    assert.deepStrictEqual(Entry.imbalance(accrual.entries), [])
    assert.strictEqual(lost(accrual, "liquidation_penalty"), penalty)
    assert.strictEqual(lost(accrual, "liquidation_fee"), fee)
    assert.isTrue(penalty >= 0n && fee >= 0n && size !== 0n)
    // A loan has a health factor and is repaid, a perpetual has a margin ratio; both are below one.
    assert.strictEqual(healthFactor === undefined, repaid === undefined)
    if (repaid !== undefined) assert.strictEqual(loss, penalty + fee)
    for (const ratio of [healthFactor, marginRatio]) {
      if (ratio !== undefined) assert.isTrue(Decimal.compare(ratio, Decimal.one) < 0, Decimal.format(ratio))
    }
  }
  return all
}
