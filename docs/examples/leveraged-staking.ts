/**
 * Leveraged staking: 10 ETH, and nine times as much lent by Aave, held as weETH for a year. Entered and left in one
 * transaction each, with a flash loan of Morpho; what is owed is paid by weETH sold on Curve.
 *
 * Run it with
 * `npm run -s eim -- backtest docs/examples/leveraged-staking.ts --config docs/examples/leveraged-staking.json`, which
 * states values in ETH.
 */
import { Effect } from "effect"
import { Amount, DataProvider, Decimal, type InstructionBlock, MarketSnapshot, type Positions, Script, Timestamp } from "execution-interface-manager"
import * as Leverage from "execution-interface-manager/domain/Leverage"

/** Efficiency mode 1 of Aave: weETH is liquidated where 95 % of it are worth less than what is owed. */
const threshold = Decimal.unsafe("0.95")
const emode = 1

const parties = { flash: "morpho", staking: "etherfi", token: "weETH", lending: "aave" } as const
const slippage = Decimal.unsafe("0.005")

export interface Options {
  readonly begin: Timestamp.Timestamp
  readonly end: Timestamp.Timestamp
  /** What the position must keep to; where it does not, a tenth of the debt is paid back. */
  readonly limits: Leverage.Limits
}

/** What the lender sees: weETH at its protocol's rate, whatever the market pays for it. */
export const stateOf = (positions: Pick<Positions.Positions, "balance">, protocolRate: Decimal.Decimal): Leverage.State => ({
  collateral: Amount.times(positions.balance("aave", "aweETH"), protocolRate, 1n, "down"),
  debt: positions.balance("aave", "debtWETH"),
  threshold
})

/** The sale of an exit, of all weETH in the wallet: what earlier reductions left there goes with what is freed. */
const sellingAll = (block: InstructionBlock.InstructionBlock): InstructionBlock.InstructionBlock => ({
  ...block,
  instructions: block.instructions.map((one) =>
    one.instructionType === "smart_contract_action" && one.action === "swap" ? { ...one, amount: "max" } : one)
})

export const leveragedStaking = ({ begin, end, limits }: Options) => {
  const decide = Effect.fnUntraced(function*(time: Timestamp.Timestamp, positions: Positions.Positions) {
    if (time === begin) {
      return [yield* Leverage.entry({ ...parties, id: "entry", equity: Amount.unsafe("10"), ltv: Decimal.unsafe("0.9"), emode })]
    }
    const data = yield* DataProvider.DataProvider
    const snapshot = yield* data.getData(time)
    const debt = positions.balance("aave", "debtWETH")
    if (debt === 0n) return []
    const sale = {
      ...parties,
      debt,
      exchange: "curve",
      rate: yield* MarketSnapshot.value(snapshot, "dex.weETH/ETH"),
      slippage,
      // Little more is freed than is sold, so that a partial exit lowers the loan to value.
      ltv: Decimal.unsafe("0.99")
    }
    if (time >= end) return [sellingAll(yield* Leverage.exit({ ...sale, id: "exit", fraction: Decimal.one }))]
    const state = stateOf(positions, yield* MarketSnapshot.value(snapshot, "oracle.weETH/ETH"))
    return Leverage.violations(state, limits).length === 0
      ? []
      : [yield* Leverage.exit({ ...sale, id: `reduce-${Timestamp.format(time)}`, fraction: Decimal.unsafe("0.1") })]
  })
  // A tenth of an ether pays the gas.
  return Script.make({ initialBalances: { wallet: { ETH: "10.1" } }, decide })
}

export default leveragedStaking({
  begin: Timestamp.unsafe("2024-06-01T00:00:00Z"),
  end: Timestamp.unsafe("2025-06-01T00:00:00Z"),
  limits: { minHealthFactor: Decimal.unsafe("1.04"), maxLtv: Decimal.unsafe("0.905") }
})
